//! Rules about credscope's own marks.

pub mod unused_suppression;
