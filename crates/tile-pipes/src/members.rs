//! Who else belongs to a workspace. The server knows one user; others hold the token that they are given as members.

use crate::hub::{EMAIL, Hub, Seat};
use tile_auth::{Actor, Member, NewToken, Origin, ScopeType, TokenRegistry, TokenScope};
use tile_base::{Error, Kind, Result};

const MEMBERS_MAX: usize = 1000;

/// What a member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Admin,
    /// Reads everything.
    Viewer,
}

impl Role {
    /// # Errors
    /// `Invalid` for another word than those of the API.
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "admin" => Ok(Self::Admin),
            "viewer" | "guest" => Ok(Self::Viewer),
            other => Err(Error::invalid(format!("unknown role `{other}`")).hint("Use `admin` or `viewer`")),
        }
    }
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Viewer => "viewer",
        }
    }
}

/// What becomes of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Add(Role),
    Remove,
    SetRole(Role),
}

/// Changes members and their tokens: all of it, or with an error nothing.
///
/// # Errors
/// `Invalid` for the server's own user and for addresses that are none, `NotFound` for who is no member, `TooLarge` for too many.
pub fn change(hub: &Hub, id: &str, emails: &[String], change: Change) -> Result<()> {
    hub.change_members(id, |seats, registry| {
        for email in emails {
            one(hub, seats, registry, email, change)?;
        }
        Ok(())
    })
}

fn one(
    hub: &Hub,
    seats: &mut Vec<Seat>,
    registry: &mut TokenRegistry,
    email: &str,
    change: Change,
) -> Result<()> {
    if email == EMAIL {
        return Err(Error::invalid(format!(
            "{EMAIL} is the server's own user, who administers all workspaces"
        )));
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@.-_+".contains(c);
    if email.len() > 200 || !email.contains('@') || !email.chars().all(is_plain) {
        return Err(Error::invalid(format!("`{email}` is no address")));
    }
    let at = seats.iter().position(|s| s.email == email);
    let known = || Error::not_found(format!("`{email}` is no member of the workspace"));
    match change {
        Change::Add(role) if at.is_none() => {
            if seats.len() >= MEMBERS_MAX {
                let what = format!("a workspace has at most {MEMBERS_MAX} members");
                return Err(Error::new(Kind::TooLarge, what));
            }
            let seat = Seat { id: hub.new_user_id(), email: email.to_owned(), role };
            give(hub, registry, &seat)?;
            seats.push(seat);
        }
        // Who is a member already stays what they are.
        Change::Add(_) => {}
        Change::Remove => {
            let seat = seats.remove(at.ok_or_else(known)?);
            take(registry, &seat)?;
        }
        Change::SetRole(role) => {
            let seat = at.and_then(|at| seats.get_mut(at)).ok_or_else(known)?;
            if seat.role != role {
                take(registry, seat)?;
                seat.role = role;
                give(hub, registry, seat)?;
            }
        }
    }
    Ok(())
}

fn give(hub: &Hub, registry: &mut TokenRegistry, seat: &Seat) -> Result<()> {
    let mut random = || hub.random();
    match seat.role {
        Role::Admin => {
            let member = Member { user_id: &seat.id, email: &seat.email, administers_organization: false };
            registry.add_member(member, &mut random).map(drop)
        }
        Role::Viewer => {
            let scopes = vec![TokenScope::new(ScopeType::WorkspaceReadAll, None, None)?];
            let (name, description) = (viewer(seat), String::new());
            let new = NewToken { name, description, origin: Origin::CUSTOM, scopes };
            registry.create(Actor::Server, new, &mut random).map(drop)
        }
    }
}

fn take(registry: &mut TokenRegistry, seat: &Seat) -> Result<()> {
    match seat.role {
        Role::Admin => {
            registry.remove_member(&seat.id);
            Ok(())
        }
        // It may have been removed as any token may.
        Role::Viewer if registry.find(&viewer(seat)).is_err() => Ok(()),
        Role::Viewer => registry.delete(Actor::Server, &viewer(seat)),
    }
}

fn viewer(seat: &Seat) -> String {
    format!("viewer {}", seat.email)
}
