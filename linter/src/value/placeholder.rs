//! Values that are no secrets: placeholders and famous examples (catalog §G.1, §G.2).

use crate::settings::Extensions;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    Empty,
    /// `<…>`, `your_password`, `changeme`, `xxxx`.
    Dummy,
    /// `${…}`, `{{…}}`, `%s`, `$VAR`, a value with a hole: something else fills it in.
    Reference,
    /// Published example values and emulator keys.
    Famous,
    /// Masked by its author (`abc****xyz`).
    Masked,
}

/// `None`: may be a real value.
pub fn placeholder(value: &str, extend: &Extensions) -> Option<Placeholder> {
    if value.trim().is_empty() {
        return Some(Placeholder::Empty);
    }
    if value.contains(super::HOLE) || value.starts_with("{{") || value.starts_with("${") {
        return Some(Placeholder::Reference);
    }
    if value.starts_with('<') && value.ends_with('>') {
        return Some(Placeholder::Dummy);
    }
    extend.placeholders.iter().any(|p| p.eq_ignore_ascii_case(value)).then_some(Placeholder::Dummy)
}
