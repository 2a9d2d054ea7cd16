//! Members of what was read: which are secret, which lead there, which are harmless.

/// Fields of a holder that are secret; every other field is harmless.
pub(in crate::flow) fn is_secret_field(name: &str) -> bool {
    matches!(
        name,
        "value"
            | "token"
            | "token_value"
            | "secret"
            | "secret_key"
            | "access_key"
            | "effective_value"
            | "getValue"
            | "getToken"
            | "session_token"
            | "access_token"
            | "id_token"
            | "refresh_token"
            | "apiToken"
            | "api_token"
            | "secretAccessKey"
            | "sessionToken"
            | "getAWSSecretKey"
            | "getSessionToken"
            | "bearerToken"
            | "clientSecret"
            | "get_secret_value"
    )
}

/// Fields of a holder that lead to its secret fields.
pub(in crate::flow) fn leads_on(name: &str) -> bool {
    matches!(
        name,
        "getCredentials"
            | "resolveCredentials"
            | "get_credentials"
            | "payload"
            | "data"
            | "result"
            | "get"
            | "extraContext"
            | "attributes"
            | "decode"
            | "block"
            | "toJson"
    )
}

/// Keys under which a token service answers with a token.
pub(in crate::flow) fn is_token_key(key: &str) -> bool {
    matches!(key, "access_token" | "refresh_token" | "id_token" | "bearerToken" | "token_value")
}

/// Keys of responses that say nothing secret.
pub(in crate::flow) fn is_clean_key(key: &str) -> bool {
    matches!(
        key,
        "error"
            | "error_description"
            | "error_codes"
            | "correlation_id"
            | "scope"
            | "expiry"
            | "expired"
            | "valid"
            | "id_token_claims"
            | "ARN"
            | "Arn"
            | "InvalidParameters"
            | "LastModifiedDate"
            | "Version"
            | "Name"
            | "VersionId"
            | "VersionStages"
            | "CreatedDate"
            | "ResponseMetadata"
            | "expires_in"
            | "token_type"
            | "expires_on"
            | "metadata"
            | "Type"
            | "DataType"
            | "lease_id"
            | "request_id"
            | "AssumedRoleUser"
            | "Expiration"
            | "AccessKeyId"
            | "lease_duration"
            | "renewable"
            | "mount_type"
            | "wrap_info"
            | "warnings"
            | "type"
            | "token_uri"
            | "auth_uri"
            | "universe_domain"
            | "auth_provider_x509_cert_url"
            | "client_x509_cert_url"
            | "ext_expires_in"
            | "expires_at"
            | "not_before"
            | "resource"
    )
}
