//! Node kinds and field names of tree-sitter-r that the lowering compares with.

macro_rules! names {
    ($list:ident: $($name:ident = $text:literal,)*) => {
        $(pub(super) const $name: &str = $text;)*
        #[cfg(test)]
        pub(super) const $list: &[&str] = &[$($text),*];
    };
}

names! { KINDS:
    COMMENT = "comment",
    COMMA = "comma",
    IDENTIFIER = "identifier",
    DOTS = "dots",
    DOT_DOT_I = "dot_dot_i",
    STRING = "string",
    INTEGER = "integer",
    FLOAT = "float",
    COMPLEX = "complex",
    INF = "inf",
    NAN = "nan",
    TRUE = "true",
    FALSE = "false",
    NULL = "null",
    NA = "na",
    NEXT = "next",
    BREAK = "break",
    CALL = "call",
    SUBSET = "subset",
    SUBSET2 = "subset2",
    EXTRACT = "extract_operator",
    NAMESPACE = "namespace_operator",
    BINARY = "binary_operator",
    UNARY = "unary_operator",
    FUNCTION = "function_definition",
    PARAMETER = "parameter",
    IF = "if_statement",
    FOR = "for_statement",
    WHILE = "while_statement",
    REPEAT = "repeat_statement",
    BRACED = "braced_expression",
    PARENTHESIZED = "parenthesized_expression",
    ARGUMENT = "argument",
}

names! { FIELDS:
    F_NAME = "name",
    F_VALUE = "value",
    F_LHS = "lhs",
    F_RHS = "rhs",
    F_OPERATOR = "operator",
    F_BODY = "body",
    F_FUNCTION = "function",
    F_ARGUMENTS = "arguments",
    F_CONDITION = "condition",
    F_CONSEQUENCE = "consequence",
    F_ALTERNATIVE = "alternative",
    F_VARIABLE = "variable",
    F_SEQUENCE = "sequence",
    F_PARAMETERS = "parameters",
    F_DEFAULT = "default",
    F_OPEN = "open",
    F_CLOSE = "close",
}
