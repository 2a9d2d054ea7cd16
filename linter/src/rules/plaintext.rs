//! CS1xx: a credential is written in the source.

pub mod client_argument;
pub mod conf_literal;
pub mod connection_string;
pub mod environment;
pub mod header;
pub mod jdbc_properties;
pub mod jdbc_url;
pub mod key_material;
pub mod named_variable;
pub mod option_literal;
pub mod wrapped_literal;
