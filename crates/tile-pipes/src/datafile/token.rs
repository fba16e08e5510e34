//! Tokens that a resource grants.

use super::fault::{Fault, Report};
use super::lex::unquote;
use super::read::Found;
use super::{Dialect, Kind};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    Read,
    Append,
    /// Of the older dialect.
    Create,
}

impl Permission {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "READ",
            Self::Append => "APPEND",
            Self::Create => "CREATE",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Read, Self::Append, Self::Create].into_iter().find(|p| p.name().eq_ignore_ascii_case(text))
    }
}

/// A token's name and what it may do with the resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub name: String,
    pub permission: Permission,
}

/// `TOKEN "name" PERMISSION`.
pub(super) fn parse(found: &Found, kind: Kind, dialect: Dialect, report: &mut Report) -> Option<Token> {
    let (name, permission) = match found.args.as_slice() {
        [name, permission] => (name, permission),
        args => {
            let (column, message) = match args {
                [first, ..] if args.len() > 2 => (
                    first.chars().count() + 8,
                    format!(
                        "Invalid number of arguments for TOKEN command: {}. Expected 2 arguments: token name and permission",
                        args.len()
                    ),
                ),
                _ => (
                    1,
                    "TOKEN takes two params: token name and permission e.g TOKEN \"read api token\" READ"
                        .to_owned(),
                ),
            };
            report.syntax(&found.place, column, message);
            return None;
        }
    };
    let column = name.chars().count() + 8;
    let name = unquote(name).to_owned();
    match Permission::parse(permission) {
        Some(Permission::Append | Permission::Create) if kind == Kind::Pipe => {
            let permission = permission.to_uppercase();
            report.invalid(
                &found.place,
                format!("Invalid permission {permission} for token {name}. Only READ is allowed for pipes"),
            );
            None
        }
        Some(permission) => {
            if permission == Permission::Create && dialect == Dialect::Forward {
                report.warn(&found.place, "TOKEN with CREATE is of Classic projects; it is read as there");
            }
            Some(Token { name, permission })
        }
        None => {
            let message = format!("Invalid permission: {permission}. Only READ and APPEND are supported");
            report.add(&found.place, Fault { is_syntax: true, column, ..Fault::new(message) });
            None
        }
    }
}
