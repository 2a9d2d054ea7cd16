//! Test support: rule cases from the rules' pages, rendering of a case in every container, fake secrets,
//! rows of credential positions.

pub mod cases;
pub mod fakes;
pub mod fixing;
pub mod positions;
pub mod render;
