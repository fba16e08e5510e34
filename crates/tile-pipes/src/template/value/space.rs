//! What Python calls white space.

/// The characters that `str.strip` and `str.split` take away.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f')
}
