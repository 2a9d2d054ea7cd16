//! CS1xx: a credential is written in the source.

pub mod client_argument;
pub mod conf_literal;
pub mod connection_string;
pub mod copy_into;
pub mod create_connection;
pub mod create_table_using_jdbc;
pub mod create_user;
pub mod environment;
pub mod function_body;
pub mod header;
pub mod jdbc_properties;
pub mod jdbc_url;
pub mod key_material;
pub mod named_variable;
pub mod option_literal;
pub mod secret_in_fs_url;
pub mod set_conf;
pub mod sql;
pub mod sql_http_request;
pub mod wrapped_literal;
