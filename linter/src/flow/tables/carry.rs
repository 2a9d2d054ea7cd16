//! What functions do to a value on its way: keep, change, or drop what is secret.

/// Calls whose result says nothing of their arguments (catalog, sanitizers).
pub(in crate::flow) fn is_sanitizer(path: &str, method: &str, extra: &[String]) -> bool {
    matches!(
        method,
        "len"
            | "bool"
            | "type"
            | "isinstance"
            | "hexdigest"
            | "digest"
            | "md5"
            | "sha1"
            | "sha256"
            | "sha512"
            | "hash"
            | "id"
            | "isEmpty"
            | "nonEmpty"
            | "length"
            | "size"
            | "startswith"
            | "endswith"
            | "startsWith"
            | "endsWith"
            | "isdigit"
            | "isalnum"
            | "isnumeric"
            | "count"
            | "find"
            | "index"
            | "indexOf"
            | "contains"
            | "equals"
            | "compare_digest"
            | "exists"
            | "isDefined"
            | "nchar"
            | "mask"
            | "redact"
            | "hashCode"
            | "getClass"
            | "isBlank"
            | "__len__"
            | "is_null"
            | "isNull"
            | "isSuccess"
            | "isFailure"
            | "isInstanceOf"
            | "__class__"
            | "isRight"
            | "isLeft"
            | "isCompleted"
            | "matches"
            | "callable"
            | "hasattr"
            | "any"
            | "all"
            | "int"
            | "float"
    ) || path == "re.sub"
        || path.contains("hashlib.")
        || path.starts_with("hmac.")
        || path.starts_with("bcrypt.")
        || path.contains("MessageDigest")
        || path.contains("DigestUtils")
        || extra.iter().any(|e| e == path || e == method)
}

/// Methods that give back the text of their receiver.
pub(in crate::flow) fn keeps(method: &str) -> bool {
    matches!(
        method,
        "strip"
            | "lstrip"
            | "rstrip"
            | "trim"
            | "decode"
            | "encode"
            | "toString"
            | "get"
            | "getOrElse"
            | "format"
            | "copy"
            | "get_secret_value"
            | "json"
            | "asDict"
            | "stripMargin"
            | "toSeq"
            | "getValue"
            | "result"
            | "text"
            | "content"
            | "orNull"
            | "value"
            | "removesuffix"
            | "removeprefix"
            | "read"
            | "getvalue"
            | "asInstanceOf"
            | "toOption"
            | "intern"
            | "getAll"
            | "unwrap"
            | "orElse"
            | "mkString"
            | "stripLineEnd"
            | "stripSuffix"
            | "stripPrefix"
            | "formatted"
            | "__str__"
            | "expandtabs"
            | "query"
            | "options"
    )
}

/// Functions that give back the text of their arguments; `Some(true)`: wrapped in an `Option` or the like.
pub(in crate::flow) fn passes(path: &str) -> Option<bool> {
    match path {
        "Some" | "Option" | "Try" | "Right" | "Success" | "Future" | "Left" | "Option.apply" | "Try.apply"
        | "scala.util.Try" | "scala.util.Success" | "util.Try" | "util.Success" | "Future.successful"
        | "scala.Option" => Some(true),
        "str"
        | "String"
        | "String.valueOf"
        | "new String"
        | "java.lang.String"
        | "lit"
        | "paste"
        | "paste0"
        | "sprintf"
        | "deepcopy"
        | "copy.deepcopy"
        | "copy.copy"
        | "identity"
        | "typing.cast"
        | "cast"
        | "format"
        | "String.format"
        | "textwrap.dedent"
        | "toString"
        | "as.character"
        | "glue"
        | "glue::glue"
        | "trimws"
        | "broadcast"
        | "spark.sparkContext.broadcast"
        | "sc.broadcast"
        | "sparkContext.broadcast"
        | "os.fspath"
        | "asyncio.run"
        | "os.path.expandvars"
        | "StringBuilder"
        | "repr_str"
        | "Tuple"
        | "textwrap.fill"
        | "tabulate"
        | "tabulate.tabulate"
        | "asyncio.wait_for"
        | "asyncio.create_task"
        | "asyncio.ensure_future"
        | "asyncio.shield"
        | "toJSON"
        | "jsonlite::toJSON"
        | "data.frame"
        | "bytes.decode" => Some(false),
        _ if path.ends_with("Template().substitute") || path.ends_with("Template().safe_substitute") => Some(false),
        _ => None,
    }
}

const ENCODERS: &[&str] = &[
    "repr", "ascii", "ord", "chr", "bytes", "bytearray", "hex", "binascii.hexlify", "binascii.b2a_base64",
    "urllib.parse.quote", "urllib.parse.quote_plus", "urllib.parse.urlencode", "quote", "quote_plus", "urlencode",
    "codecs.encode", "zlib.compress", "gzip.compress", "strsplit", "substr", "substring", "rev", "toupper", "tolower",
    "base64encode", "b64encode", "b64decode", "standard_b64encode", "urlsafe_b64encode", "hexlify", "encodestring",
    "jwt.encode", "base64enc", "openssl::base64_encode", "shlex.quote", "html.escape", "Counter",
    "collections.Counter", "re.findall", "re.split", "re.match", "re.search", "re.fullmatch", "textwrap.wrap",
    "int.from_bytes", "np.array", "numpy.array", "codecs.decode", "bytes.fromhex", "pickle.dumps", "random.sample",
    "html.unescape", "str.upper", "str.lower", "itertools.accumulate", "struct.pack", "np.frombuffer",
    "numpy.frombuffer", "uuid.UUID", "charToRaw", "functools.reduce", "array", "utf8ToInt", "chartr",
];

/// Functions that change the text of their arguments: redaction does not know the result.
pub(in crate::flow) fn encodes(path: &str, method: &str) -> bool {
    ENCODERS.contains(&path)
        || path.contains("base64.")
        || path.ends_with("URLEncoder.encode")
        || matches!(
            method,
            "encodeToString" | "encodeBase64String" | "encodeHexString" | "printBase64Binary" | "encodeBase64"
        )
        || matches!(method, "findAllIn" | "findFirstIn" | "findAllMatchIn")
        || method == "encode" && path.contains("Base64")
        || method == "decode" && path.contains("Base64")
        || path.ends_with("functions.reverse")
}

/// Methods that change the text of their receiver.
pub(in crate::flow) fn changes(method: &str) -> bool {
    matches!(
        method,
        "upper"
            | "lower"
            | "replace"
            | "split"
            | "splitlines"
            | "rsplit"
            | "hex"
            | "title"
            | "swapcase"
            | "capitalize"
            | "zfill"
            | "center"
            | "ljust"
            | "rjust"
            | "translate"
            | "reverse"
            | "toList"
            | "getBytes"
            | "zipWithIndex"
            | "grouped"
            | "take"
            | "drop"
            | "substring"
            | "toUpperCase"
            | "toLowerCase"
            | "toCharArray"
            | "toArray"
            | "slice"
            | "foldLeft"
            | "chars"
            | "sliding"
            | "partition"
            | "rpartition"
            | "padTo"
            | "tail"
            | "last"
            | "head"
            | "init"
            | "charAt"
            | "map"
            | "flatMap"
            | "filter"
            | "replaceAll"
            | "replaceAllLiterally"
            | "__getitem__"
            | "takeRight"
            | "dropRight"
            | "patch"
            | "updated"
            | "toVector"
            | "indices"
            | "iterator"
            | "permutations"
            | "casefold"
            | "join"
            | "subSequence"
            | "codePoints"
            | "distinct"
            | "sorted"
            | "toSet"
            | "splitAt"
            | "span"
            | "group"
            | "groups"
    )
}
