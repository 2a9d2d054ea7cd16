//! Test support: rule cases from the rules' pages, rendering of a case in every container, fake secrets.

pub mod cases;
pub mod fakes;
pub mod fixing;
pub mod render;
