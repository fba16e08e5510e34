//! The static tokens of one workspace.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tile_base::{Action, Error, Kind, Resource, ResourceKind, Result, TokenPrincipal};

use crate::scope::{ScopeType, TokenScope};
use crate::secret::{Issuer, Random, is_same, uuid};
use crate::token::{Keeper, Origin, StaticToken, check_description, check_name, tidy_scopes};

pub(crate) const TOKENS_MAX: usize = 10_000;
/// Clients look for it by this name.
const ADMIN_NAME: &str = "workspace admin token";
const DOCUMENT_VERSION: u32 = 1;

/// Who asks for a change: what a token may not do itself, it cannot have another token do.
#[derive(Clone, Copy, Debug)]
pub enum Actor<'a> {
    /// The program, for a workspace's beginning and its members.
    Server,
    Token(&'a TokenPrincipal),
}

/// A user who administers the workspace.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    pub user_id: &'a str,
    pub email: &'a str,
    /// Whether they may read what the server tells about all workspaces.
    pub administers_organization: bool,
}

/// What `POST /v0/tokens` asks for.
#[derive(Clone, Debug)]
pub struct NewToken {
    pub name: String,
    pub description: String,
    pub origin: Origin,
    pub scopes: Vec<TokenScope>,
}

/// What `PUT /v0/tokens/<token>` asks for; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct TokenUpdate {
    pub name: Option<String>,
    pub description: Option<String>,
    /// All scopes of the token that do not come from files.
    pub scopes: Option<Vec<TokenScope>>,
}

/// The static tokens of one workspace. There is always a [`TokenRegistry::admin`] among them.
pub struct TokenRegistry {
    workspace_id: String,
    issuer: Issuer,
    pub(crate) by_name: BTreeMap<String, Entry>,
    /// From the id inside a text to the token's name.
    by_secret: HashMap<String, String>,
    /// From the id that is shown to the token's name.
    by_id: HashMap<String, String>,
}

pub(crate) struct Entry {
    pub token: StaticToken,
    /// The id inside the text.
    secret_id: String,
    pub principal: Arc<TokenPrincipal>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<T> {
    version: u32,
    workspace_id: String,
    tokens: Vec<T>,
}

impl fmt::Debug for TokenRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRegistry").field("workspace_id", &self.workspace_id).finish_non_exhaustive()
    }
}

impl TokenRegistry {
    /// The tokens of a new workspace: its admin's.
    ///
    /// # Errors
    /// `Invalid` for an empty id.
    pub fn new(issuer: Issuer, workspace_id: &str, random: Random) -> Result<Self> {
        let text = issuer.issue(workspace_id, &uuid(random));
        Self::adopt(issuer, &text, random)
    }

    /// The tokens of a new workspace whose admin token, and with it the workspace's id, was chosen beforehand.
    ///
    /// # Errors
    /// `Invalid` when the issuer's key did not sign it.
    pub fn adopt(issuer: Issuer, admin_token: &str, random: Random) -> Result<Self> {
        let inside = issuer.open(admin_token).filter(|inside| !inside.owner.is_empty());
        let inside =
            inside.ok_or_else(|| Error::invalid("the workspace's token is not signed with the key"))?;
        let mut registry = Self::empty(issuer, inside.owner);
        let token = StaticToken {
            id: uuid(random),
            name: ADMIN_NAME.to_owned(),
            token: admin_token.to_owned(),
            description: "Workspace-bound token, enables any operation over it".to_owned(),
            origin: Origin::CUSTOM,
            keeper: Keeper::Server,
            scopes: vec![TokenScope::new(ScopeType::Admin, None, None)?],
            file_scopes: Vec::new(),
        };
        registry.insert(token)?;
        Ok(registry)
    }

    fn empty(issuer: Issuer, workspace_id: String) -> Self {
        let (by_name, by_secret, by_id) = (BTreeMap::new(), HashMap::new(), HashMap::new());
        Self { workspace_id, issuer, by_name, by_secret, by_id }
    }

    pub fn workspace_id(&self) -> &str {
        &self.workspace_id
    }

    /// The token that may do everything, and whose text signs JWTs.
    ///
    /// # Errors
    /// `Internal` never, as long as the registry was made by its constructors.
    pub fn admin(&self) -> Result<&StaticToken> {
        let admin = self.by_name.get(ADMIN_NAME).map(|entry| &entry.token);
        admin.ok_or_else(|| Error::internal("the workspace has no admin token"))
    }

    /// The token of a member who administers the workspace, made when there is none. Its name is `admin` and the address.
    ///
    /// # Errors
    /// `Invalid` for a malformed user, `Conflict` when somebody else's token has the name.
    pub fn add_member(&mut self, member: Member, random: Random) -> Result<&StaticToken> {
        let mut scopes = vec![TokenScope::new(ScopeType::AdminUser, Some(member.user_id), None)?];
        if member.administers_organization {
            scopes.push(TokenScope::new(ScopeType::OrgDataSourcesRead, None, None)?);
        }
        let name = format!("admin {}", member.email);
        match self.by_name.get_mut(&name) {
            Some(entry)
                if entry.token.keeper == Keeper::Server && entry.token.scopes.first() == scopes.first() =>
            {
                entry.token.scopes = scopes;
                entry.principal = entry.token.principal(&self.workspace_id);
                self.named(&name)
            }
            _ => {
                let new = NewToken { name, description: String::new(), origin: Origin::CUSTOM, scopes };
                self.make(new, Keeper::Server, random)
            }
        }
    }

    /// Takes a member's token away; says whether there was one.
    pub fn remove_member(&mut self, user_id: &str) -> bool {
        let is_theirs = |token: &StaticToken| {
            token.keeper == Keeper::Server
                && token.scopes.iter().any(|scope| scope.resource() == Some(user_id))
        };
        let theirs = self.list().find(|token| is_theirs(token)).map(|token| token.name.clone());
        theirs.is_some_and(|name| self.remove(&name))
    }

    /// A new token.
    ///
    /// # Errors
    /// `Denied` when the actor may not; `Conflict` for a name that is taken; `Invalid` for malformed values;
    /// `TooLarge` when the workspace has all the tokens it can have.
    pub fn create(&mut self, actor: Actor, new: NewToken, random: Random) -> Result<&StaticToken> {
        self.may_hold(actor, &new.scopes)?;
        self.make(new, Keeper::User, random)
    }

    pub(crate) fn make(&mut self, new: NewToken, keeper: Keeper, random: Random) -> Result<&StaticToken> {
        check_description(&new.description)?;
        let token = StaticToken {
            id: uuid(random),
            token: self.issuer.issue(&self.workspace_id, &uuid(random)),
            name: new.name,
            description: new.description,
            origin: new.origin,
            keeper,
            scopes: tidy_scopes(new.scopes)?,
            file_scopes: Vec::new(),
        };
        let name = token.name.clone();
        self.insert(token)?;
        self.named(&name)
    }

    /// The token with this id, text or name.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn find(&self, key: &str) -> Result<&StaticToken> {
        let by_secret = self.issuer.open(key).and_then(|inside| self.by_secret.get(&inside.id));
        if let Some(entry) = by_secret.and_then(|name| self.by_name.get(name)) {
            return is_same(&entry.token.token, key).then_some(&entry.token).ok_or_else(not_found);
        }
        self.named(self.by_id.get(key).map_or(key, String::as_str))
    }

    /// All tokens, by name.
    pub fn list(&self) -> impl Iterator<Item = &StaticToken> {
        self.by_name.values().map(|entry| &entry.token)
    }

    /// `GET /v0/tokens`: all tokens, with the secrets of those that the viewer could make.
    ///
    /// # Errors
    /// `Denied` when the viewer does not administer tokens.
    pub fn to_json(&self, viewer: &TokenPrincipal) -> Result<Value> {
        self.may_manage(Actor::Token(viewer), &[])?;
        let tokens: Vec<Value> =
            self.list().map(|token| token.to_json(self.shows_secret(viewer, token))).collect();
        Ok(json!({ "tokens": tokens }))
    }

    /// `GET /v0/tokens/<token>`. A token may look at itself.
    ///
    /// # Errors
    /// `NotFound`; `Denied` when the viewer does not administer tokens.
    pub fn one_to_json(&self, viewer: &TokenPrincipal, key: &str) -> Result<Value> {
        let found = self.find(key);
        if let Ok(own) = &found
            && viewer.workspace_id.as_deref() == Some(self.workspace_id.as_str())
            && viewer.token_id.as_deref() == Some(own.id.as_str())
        {
            return Ok(own.to_json(true));
        }
        self.may_manage(Actor::Token(viewer), &[])?;
        found.map(|token| token.to_json(self.shows_secret(viewer, token)))
    }

    /// Changes a token. Scopes that come from files stay: only the files change them.
    ///
    /// # Errors
    /// As [`TokenRegistry::create`]; `NotFound`; `Conflict` for the tokens that the server keeps.
    pub fn update(&mut self, actor: Actor, key: &str, update: TokenUpdate) -> Result<&StaticToken> {
        let old = self.find(key)?;
        self.may_hold(actor, &old.scopes)?;
        self.may_hold(actor, update.scopes.as_deref().unwrap_or_default())?;
        if old.keeper == Keeper::Server {
            return Err(is_kept(old));
        }
        let mut token = old.clone();
        let old_name = token.name.clone();
        if let Some(name) = update.name {
            check_name(&name)?;
            if name != old_name && self.by_name.contains_key(&name) {
                return Err(taken(&name));
            }
            token.name = name;
        }
        if let Some(description) = update.description {
            check_description(&description)?;
            token.description = description;
        }
        if let Some(scopes) = update.scopes {
            token.scopes = tidy_scopes(scopes)?;
            token.scopes.retain(|scope| !token.file_scopes.contains(scope));
        }
        let name = token.name.clone();
        self.remove(&old_name);
        self.insert(token)?;
        self.named(&name)
    }

    /// Gives a token another text. The old one is worth nothing from then on, and with the admin's old text no JWT is.
    ///
    /// # Errors
    /// `NotFound`, `Denied`.
    pub fn refresh(&mut self, actor: Actor, key: &str, random: Random) -> Result<&StaticToken> {
        let old = self.find(key)?;
        self.may_hold(actor, &old.scopes)?;
        let mut token = old.clone();
        token.token = self.issuer.issue(&self.workspace_id, &uuid(random));
        let name = token.name.clone();
        self.remove(&name);
        self.insert(token)?;
        self.named(&name)
    }

    /// Takes a token away.
    ///
    /// # Errors
    /// `NotFound`, `Denied`; `Conflict` for the tokens that the server keeps.
    pub fn delete(&mut self, actor: Actor, key: &str) -> Result<()> {
        let token = self.find(key)?;
        self.may_manage(actor, &token.scopes)?;
        if token.keeper == Keeper::Server {
            return Err(is_kept(token));
        }
        let name = token.name.clone();
        self.remove(&name);
        Ok(())
    }

    /// Whose token this text is. The id inside finds it; the whole text must be the stored one.
    pub(crate) fn principal(&self, secret_id: &str, text: &str) -> Option<&Arc<TokenPrincipal>> {
        let entry = self.by_name.get(self.by_secret.get(secret_id)?)?;
        is_same(&entry.token.token, text).then_some(&entry.principal)
    }

    /// All of it as one JSON document, secrets included.
    ///
    /// # Errors
    /// `Internal` when it cannot be written, which does not happen.
    pub fn to_document(&self) -> Result<String> {
        let tokens: Vec<&StaticToken> = self.list().collect();
        let workspace_id = self.workspace_id.clone();
        let document = Document { version: DOCUMENT_VERSION, workspace_id, tokens };
        serde_json::to_string(&document).map_err(|e| Error::internal("tokens cannot be written").source(e))
    }

    /// # Errors
    /// `Damaged` for anything that [`TokenRegistry::to_document`] did not write, and for texts that the issuer's key did
    /// not sign.
    pub fn from_document(issuer: Issuer, document: &str) -> Result<Self> {
        let damaged = |what: &str| Error::damaged(format!("cannot read the stored tokens: {what}"));
        // The parser's own message may quote what it found, which may be a secret.
        let document: Document<StaticToken> = serde_json::from_str(document).map_err(|e| {
            damaged(&format!("line {}, column {} is not as it should be", e.line(), e.column()))
        })?;
        if document.version != DOCUMENT_VERSION {
            return Err(damaged("they are of another version"));
        }
        let mut registry = Self::empty(issuer, document.workspace_id);
        for token in document.tokens {
            registry.insert(token).map_err(|e| damaged(&e.what))?;
        }
        match registry.by_name.get(ADMIN_NAME) {
            Some(entry) if entry.token.keeper == Keeper::Server && is_admin(&entry.token.scopes) => {
                Ok(registry)
            }
            _ => Err(damaged("the admin's is not among them")),
        }
    }

    /// Puts a token in, with what it grants worked out once.
    fn insert(&mut self, token: StaticToken) -> Result<()> {
        check_name(&token.name)?;
        let inside = self.issuer.open(&token.token).filter(|inside| inside.owner == self.workspace_id);
        let inside = inside.ok_or_else(|| Error::invalid("a token is not signed with the key"))?;
        if self.by_name.contains_key(&token.name) {
            return Err(taken(&token.name));
        }
        if self.by_secret.contains_key(&inside.id) || self.by_id.contains_key(&token.id) {
            return Err(Error::internal("two tokens have one id"));
        }
        if self.by_name.len() >= TOKENS_MAX {
            let what = format!("the workspace has {TOKENS_MAX} tokens, and cannot have more");
            return Err(Error::new(Kind::TooLarge, what).hint("Delete tokens that are not used, or use JWTs"));
        }
        self.by_secret.insert(inside.id.clone(), token.name.clone());
        self.by_id.insert(token.id.clone(), token.name.clone());
        let principal = token.principal(&self.workspace_id);
        self.by_name.insert(token.name.clone(), Entry { token, secret_id: inside.id, principal });
        Ok(())
    }

    fn remove(&mut self, name: &str) -> bool {
        let Some(entry) = self.by_name.remove(name) else { return false };
        self.by_secret.remove(&entry.secret_id);
        self.by_id.remove(&entry.token.id);
        true
    }

    /// Changes the scopes that files give.
    pub(crate) fn set_file_scopes(&mut self, name: &str, scopes: Vec<TokenScope>) {
        let Some(entry) = self.by_name.get_mut(name) else { return };
        entry.token.file_scopes = scopes;
        entry.principal = entry.token.principal(&self.workspace_id);
        if entry.token.keeper == Keeper::Files && entry.token.scopes().is_empty() {
            self.remove(name);
        }
    }

    /// Tokens are for those who administer them, and mighty ones for admins alone: else `TOKENS` would be `ADMIN`.
    pub(crate) fn may_manage(&self, actor: Actor, scopes: &[TokenScope]) -> Result<()> {
        let Actor::Token(principal) = actor else { return Ok(()) };
        let action = if is_admin(scopes) { Action::Admin } else { Action::AdministerTokens };
        let workspace = Resource::named(ResourceKind::Workspace, self.workspace_id.as_str());
        principal.may(action, &workspace).map(|_| ())
    }

    /// Who makes, changes or sees a token holds it. What reaches beyond the workspace is not its admins' to give, and files are
    /// not of it.
    fn may_hold(&self, actor: Actor, scopes: &[TokenScope]) -> Result<()> {
        self.may_manage(actor, scopes)?;
        let Actor::Token(principal) = actor else { return Ok(()) };
        if scopes.iter().any(TokenScope::is_of_organization) {
            principal.may(Action::Read, &Resource::all(ResourceKind::OrganizationDataSource))?;
        }
        for path in scopes.iter().filter_map(TokenScope::path) {
            principal.may(Action::Read, &Resource::node(path.split('/')))?;
        }
        Ok(())
    }

    fn shows_secret(&self, viewer: &TokenPrincipal, token: &StaticToken) -> bool {
        self.may_hold(Actor::Token(viewer), &token.scopes).is_ok()
    }

    fn named(&self, name: &str) -> Result<&StaticToken> {
        self.by_name.get(name).map(|entry| &entry.token).ok_or_else(not_found)
    }
}

fn is_admin(scopes: &[TokenScope]) -> bool {
    scopes.iter().any(TokenScope::is_admin)
}

fn not_found() -> Error {
    Error::not_found("there is no such token")
}

fn taken(name: &str) -> Error {
    Error::new(Kind::Conflict, format!("there is a token named `{name}` already"))
}

fn is_kept(token: &StaticToken) -> Error {
    Error::new(
        Kind::Conflict,
        format!("the token `{}` comes with the workspace and can only be refreshed", token.name),
    )
}
