//! Functions over functions, and what makes columns and tables of their results.

/// Functions over each element of their receiver or argument.
pub(in crate::flow) fn is_over_elements(method: &str) -> bool {
    matches!(
        method,
        "map"
            | "flatMap"
            | "foreach"
            | "forEach"
            | "filter"
            | "filterNot"
            | "filterKeys"
            | "withFilter"
            | "fold"
            | "foldLeft"
            | "foldRight"
            | "reduce"
            | "getOrElse"
            | "apply"
            | "tap"
            | "pipe"
            | "let"
            | "find"
            | "exists"
            | "forall"
            | "sortBy"
            | "takeWhile"
            | "dropWhile"
            | "mapValues"
            | "collect"
            | "sapply"
            | "lapply"
            | "starmap"
            | "applymap"
            | "onComplete"
            | "onSuccess"
            | "andThen"
            | "recover"
            | "count"
    )
}

/// Functions of [`is_over_elements`] that give their argument the value itself.
pub(in crate::flow) fn is_given_whole(method: &str) -> bool {
    matches!(method, "apply" | "getOrElse" | "tap" | "pipe" | "let" | "onComplete" | "andThen" | "recover")
}

/// Decorators of functions whose result is stored as a table (Lakeflow declarative pipelines).
pub(in crate::flow) fn makes_tables(path: &str) -> bool {
    matches!(path, "dlt.table" | "dlt.create_table" | "dp.table" | "dp.materialized_view" | "dp.create_table")
        || path.ends_with("pipelines.table")
        || path.ends_with("pipelines.materialized_view")
}

/// Functions whose argument's result becomes a column of every row.
pub(in crate::flow) fn makes_columns(path: &str, method: &str) -> bool {
    matches!(
        method,
        "udf"
            | "pandas_udf"
            | "mapPartitions"
            | "mapInPandas"
            | "applyInPandas"
            | "mapPartitionsWithIndex"
            | "mapInArrow"
    ) || method == "register" && path.contains("udf")
        || matches!(method, "map" | "flatMap")
            && (path.ends_with(".rdd.map") || path.ends_with(".rdd.flatMap") || path.contains("parallelize()"))
}

/// Functions of columns whose result holds what they are given, where no import says where they come from.
pub(in crate::flow) fn is_column_function(method: &str) -> bool {
    matches!(
        method,
        "concat"
            | "concat_ws"
            | "to_json"
            | "create_map"
            | "substring"
            | "upper"
            | "lower"
            | "coalesce"
            | "when"
            | "base64"
            | "reverse"
            | "format_string"
            | "named_struct"
    )
}

/// SQL functions and clauses whose result or place does not show the secret inside (catalog CS213).
pub(in crate::flow) fn hides_in_sql(name: &str) -> bool {
    name.starts_with("aes_")
        || name.starts_with("hmac")
        || name.starts_with("sha")
        || matches!(
            name,
            "md5"
                | "hash"
                | "xxhash64"
                | "crc32"
                | "http_request"
                | "read_files"
                | "options"
                | "length"
                | "char_length"
                | "ai_query"
                | "remote_query"
                | "is_null"
                | "isnull"
                | "isnotnull"
                | "try_aes_decrypt"
                | "from_avro"
                | "to_avro"
                | "read_kafka"
                | "octet_length"
                | "count"
                | "typeof"
                | "mask"
                | "startswith"
                | "endswith"
                | "contains"
                | "instr"
                | "locate"
                | "position"
        )
}
