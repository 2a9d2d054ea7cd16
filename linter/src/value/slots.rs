//! Credentials inside longer texts: JDBC URLs, connection strings, userinfo, JAAS, headers (catalog §C.2, CS104, CS107–109).

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlotKind {
    JdbcUrl,
    /// `scheme://user:password@host`.
    UserInfo,
    /// `PWD=`, `Password=`, `AccountKey=`, `SharedAccessKey=` in a `;`- or blank-separated list.
    ConnectionString,
    /// `sasl.jaas.config`.
    Jaas,
    /// `Bearer x`, `Basic x`.
    Header,
    /// `sig=` of a shared access signature, `token=`/`api_key=` of a query string.
    QueryString,
    /// `"key": "value"` in JSON or YAML text inside a string.
    EmbeddedDocument,
    KeyMaterial,
}

/// A credential in a text; ranges are bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialSlot {
    pub kind: SlotKind,
    /// The credential's own characters.
    pub range: Range<usize>,
    /// Name before it as written (`password`, `PWD`, `AccountKey`), or what it is (`userinfo`, `Bearer`).
    pub key: String,
    /// User name beside it.
    pub user: Option<Range<usize>>,
    /// Sub-protocol or scheme (`sqlserver`, `mongodb+srv`), empty when there is none.
    pub scheme: String,
    /// Host that the credential is for, when the text names one.
    pub host: Option<String>,
}

/// All credential slots of a text, also those filled by a hole or placeholder: the caller filters.
pub fn slots(_text: &str) -> Vec<CredentialSlot> {
    Vec::new()
}
