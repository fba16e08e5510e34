//! All workspaces of a process, with their tokens and jobs. Blocks; knows no HTTP.

use crate::members::Role;
use crate::sharing::{Shares, Tenants};
use crate::workspace::{Ids, Workspace, store};
use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tile_auth::{Authority, Issuer, Member, RateLimiter, TokenRegistry, UserToken};
use tile_base::foreign::ForeignTables;
use tile_base::{Clock, Credentials, Error, Kind, Principal, Result, SqlEngine, TokenPrincipal};

/// Where databases come from. The one that is named by [`PROCESS`] is the process's own.
pub trait Engines: Send + Sync {
    /// The database of a workspace, made when it is not there. Its SQL reads what others share.
    ///
    /// # Errors
    /// `Conflict` when another process has it open.
    fn open(&self, id: &str, shared: &Arc<dyn ForeignTables>) -> Result<Arc<dyn SqlEngine>>;
    /// Forgets the database of a workspace with its rows.
    ///
    /// # Errors
    /// Those of the disk.
    fn remove(&self, id: &str) -> Result<()>;
    /// The ids of workspaces that have one.
    ///
    /// # Errors
    /// Those of the disk.
    fn list(&self) -> Result<Vec<String>>;
}

/// The name of the database that belongs to no workspace.
pub const PROCESS: &str = "process";

/// Workspaces of one process.
const WORKSPACES_MAX: usize = 1000;
/// Names that clients take for something else.
const RESERVED: &[&str] = &[
    "tinybird",
    "system",
    "public",
    "default",
    "catalog",
    "main",
    "origin",
    "live",
    "snapshot",
    "_temporary_and_external_tables",
];

/// What is kept of the one user.
#[derive(Serialize, Deserialize)]
struct User {
    id: String,
    organization: String,
    token: UserToken,
}

/// What a workspace knows of itself.
#[derive(Clone, Serialize, Deserialize)]
struct Card {
    id: String,
    name: String,
    created_at_us: i64,
    /// The workspace that it is a branch of.
    #[serde(default)]
    main: Option<String>,
    /// A branch that is not filled yet: one that the process left so is none.
    #[serde(default)]
    is_being_made: bool,
    #[serde(default)]
    members: Vec<Seat>,
}

/// A member beside the one user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seat {
    pub id: String,
    pub email: String,
    pub role: Role,
}

pub struct Hub {
    engines: Arc<dyn Engines>,
    process: Arc<dyn SqlEngine>,
    clock: Arc<dyn Clock>,
    ids: Ids,
    random: fn() -> [u8; 16],
    user: User,
    pub authority: RwLock<Authority>,
    pub limiter: Mutex<RateLimiter>,
    pub(crate) cache: crate::cache::Cache,
    workspaces: Arc<Tenants>,
}

/// A workspace with what it is called.
pub struct Tenant {
    pub workspace: Workspace,
    pub created_at_us: i64,
    /// The workspace that it is a branch of.
    pub main: Option<String>,
    pub jobs: crate::jobs::Jobs,
    pub schedules: Arc<crate::schedules::Schedules>,
    pub turns: crate::copies::Turns,
    pub recorder: crate::observe::Recorder,
    card: RwLock<Card>,
    /// Held by what changes the card or the tokens.
    changing: Mutex<()>,
}

impl Tenant {
    /// Makes durable what was recorded of this workspace; with `sizes`, also how much is in its data sources. Blocks.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn store_records(&self, sizes: bool) -> Result<()> {
        self.recorder.store(&self.workspace, &self.jobs, sizes)
    }

    /// Members beside the one user.
    pub fn members(&self) -> Vec<Seat> {
        self.card.read().members.clone()
    }
}

pub const EMAIL: &str = "local@tile.example";
pub const DEFAULT_NAME: &str = "Tinybird_Local_Testing";

impl Hub {
    /// Opens what is there; makes the user and the first workspace where there are none.
    ///
    /// # Errors
    /// Those of the databases.
    pub fn open(
        engines: Arc<dyn Engines>,
        clock: Arc<dyn Clock>,
        ids: Ids,
        random: fn() -> [u8; 16],
    ) -> Result<Self> {
        let workspaces = Arc::new(Tenants::default());
        let process = engines.open(PROCESS, &tables(&workspaces))?;
        store::prepare(process.as_ref())?;
        let issuer = Issuer::new(Issuer::LOCAL_KEY, None)?;
        let known = store::all::<User>(process.as_ref(), "user")?.pop();
        let user = match known {
            Some((_, user)) => user,
            None => {
                let id = uuid(random());
                let token = UserToken::new(&issuer, &id, &mut || random());
                let user = User { id, organization: uuid(random()), token };
                process.write(&mut |t| store::put(t, "user", "local", &user))?;
                user
            }
        };
        let mut authority = Authority::new(issuer);
        authority.insert_user(user.token.clone());
        let seed = random();
        let out = Self {
            engines,
            process,
            clock,
            ids,
            random,
            user,
            authority: RwLock::new(authority),
            cache: crate::cache::Cache::default(),
            limiter: Mutex::new(RateLimiter::new(10_000, seed)),
            workspaces,
        };
        for id in out.engines.list()? {
            out.load(&id)?;
        }
        for tenant in out.all() {
            // It may read what others share that came after it.
            tenant.workspace.reread()?;
        }
        let orphans =
            out.all().into_iter().filter(|t| t.main.as_ref().is_some_and(|m| out.by_id(m).is_err()));
        for id in orphans.map(|t| t.workspace.id.clone()).collect::<Vec<_>>() {
            // The process ended while their workspace was being removed.
            out.remove(&id)?;
        }
        if out.by_name(DEFAULT_NAME).is_none() {
            out.create(DEFAULT_NAME)?;
        }
        Ok(out)
    }

    fn database(&self, id: &str) -> Result<Arc<dyn SqlEngine>> {
        self.engines.open(id, &tables(&self.workspaces))
    }

    /// What workspaces share with each other.
    pub fn shares(&self) -> Shares {
        Shares::new(&self.workspaces)
    }

    fn load(&self, id: &str) -> Result<()> {
        let engine = self.database(id)?;
        store::prepare(engine.as_ref())?;
        let card = store::all::<Card>(engine.as_ref(), "workspace")?.pop().map(|(_, card)| card);
        let Some(card) = card.filter(|c| !c.is_being_made) else {
            // It was being made when the process ended.
            drop(engine);
            return self.engines.remove(id);
        };
        let tokens = store::all::<String>(engine.as_ref(), "tokens")?.pop();
        let registry = match tokens {
            Some((_, document)) => TokenRegistry::from_document(self.issuer(), &document)?,
            None => self.new_registry(id)?,
        };
        self.take_in(engine, &card, registry)?;
        // The process may have ended between a deployment and its tokens.
        crate::tokens::sync(self, &*self.by_id(id)?)
    }

    fn issuer(&self) -> Issuer {
        self.authority.read().issuer().clone()
    }

    fn new_registry(&self, id: &str) -> Result<TokenRegistry> {
        let mut random = || (self.random)();
        let mut registry = TokenRegistry::new(self.issuer(), id, &mut random)?;
        let member = Member { user_id: &self.user.id, email: EMAIL, administers_organization: true };
        registry.add_member(member, &mut random)?;
        Ok(registry)
    }

    fn take_in(&self, engine: Arc<dyn SqlEngine>, card: &Card, registry: TokenRegistry) -> Result<()> {
        let (clock, ids) = (self.clock.clone(), self.ids.clone());
        let workspace = Workspace::open(engine, &card.id, &card.name, clock, ids, self.shares())?;
        let jobs = crate::jobs::Jobs::open(workspace.engine().clone(), self.now_us())?;
        let schedules = crate::schedules::Schedules::open(workspace.engine().as_ref())?;
        let tenant = Tenant {
            workspace,
            created_at_us: card.created_at_us,
            main: card.main.clone(),
            jobs,
            schedules: Arc::new(schedules),
            turns: crate::copies::Turns::default(),
            card: RwLock::new(card.clone()),
            changing: Mutex::default(),
            recorder: crate::observe::Recorder::default(),
        };
        self.authority.write().insert_workspace(registry);
        self.workspaces.write().insert(card.id.clone(), Arc::new(tenant));
        Ok(())
    }

    /// Makes an empty workspace.
    ///
    /// # Errors
    /// `Invalid` for names that mean something else, `Conflict` for one that there is.
    pub fn create(&self, name: &str) -> Result<Arc<Tenant>> {
        self.made(name, None)
    }

    /// Makes an empty branch of a workspace, which is there for good when it is [`Hub::finish`]ed.
    ///
    /// # Errors
    /// As [`Hub::create`].
    pub fn create_branch(&self, name: &str, main: &str) -> Result<Arc<Tenant>> {
        self.made(name, Some(main))
    }

    fn made(&self, name: &str, main: Option<&str>) -> Result<Arc<Tenant>> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || name.len() > 200 || !name.chars().all(is_plain) {
            return Err(Error::invalid(format!(
                "`{name}` is no name of a workspace: it has letters, digits and `_`"
            )));
        }
        if RESERVED.contains(&name) {
            return Err(Error::invalid(format!("the name `{name}` is reserved")));
        }
        // Commands look branches up by their names alone.
        if self.workspaces.read().values().any(|t| t.workspace.name == name) {
            let what = if main.is_some() { "branch" } else { "workspace" };
            return Err(Error::new(Kind::Conflict, format!("A {what} named '{name}' already exists")));
        }
        if self.workspaces.read().len() >= WORKSPACES_MAX {
            return Err(Error::new(Kind::TooLarge, format!("there are {WORKSPACES_MAX} workspaces already")));
        }
        let card = Card {
            id: uuid((self.random)()),
            name: name.to_owned(),
            created_at_us: self.clock.now_us(),
            main: main.map(str::to_owned),
            is_being_made: main.is_some(),
            members: vec![],
        };
        let engine = self.database(&card.id)?;
        store::prepare(engine.as_ref())?;
        let registry = self.new_registry(&card.id)?;
        let document = registry.to_document()?;
        engine.write(&mut |t| {
            store::put(t, "tokens", "registry", &document)?;
            store::put(t, "workspace", "card", &card)
        })?;
        self.take_in(engine, &card, registry)?;
        self.by_id(&card.id)
    }

    /// A branch is complete.
    ///
    /// # Errors
    /// `NotFound` when it was removed; those of the engine.
    pub fn finish(&self, id: &str) -> Result<()> {
        let tenant = self.by_id(id)?;
        let _changing = tenant.changing.lock();
        let card = Card { is_being_made: false, ..tenant.card.read().clone() };
        tenant.workspace.engine().write(&mut |t| store::put(t, "workspace", "card", &card))?;
        *tenant.card.write() = card;
        Ok(())
    }

    /// Forgets a workspace with everything in it, and its branches.
    ///
    /// # Errors
    /// `NotFound`; those of the disk.
    pub fn remove(&self, id_or_name: &str) -> Result<()> {
        let id = self.find(id_or_name)?.workspace.id.clone();
        for branch in crate::branches::of(self, &id) {
            self.remove(&branch.workspace.id)?;
        }
        self.workspaces.write().remove(&id);
        self.authority.write().remove_workspace(&id);
        self.engines.remove(&id)
    }

    /// # Errors
    /// `NotFound`.
    pub fn by_id(&self, id: &str) -> Result<Arc<Tenant>> {
        let found = self.workspaces.read().get(id).cloned();
        found.ok_or_else(|| Error::not_found(format!("Workspace '{id}' not found")))
    }

    /// The workspace of this name, which is no branch.
    pub fn by_name(&self, name: &str) -> Option<Arc<Tenant>> {
        self.workspaces.read().values().find(|t| t.workspace.name == name && t.main.is_none()).cloned()
    }

    /// By id, else by name.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn find(&self, id_or_name: &str) -> Result<Arc<Tenant>> {
        self.by_id(id_or_name).or_else(|e| self.by_name(id_or_name).ok_or(e))
    }

    /// All workspaces, by name.
    pub fn all(&self) -> Vec<Arc<Tenant>> {
        let mut out: Vec<_> = self.workspaces.read().values().cloned().collect();
        out.sort_by(|a, b| a.workspace.name.cmp(&b.workspace.name));
        out
    }

    pub fn now_us(&self) -> i64 {
        self.clock.now_us()
    }

    pub fn random(&self) -> [u8; 16] {
        (self.random)()
    }

    /// The id of another user.
    pub fn new_user_id(&self) -> String {
        uuid(self.random())
    }

    pub fn new_id(&self) -> String {
        (self.ids)()
    }

    pub fn user_id(&self) -> &str {
        &self.user.id
    }

    pub fn organization_id(&self) -> &str {
        &self.user.organization
    }

    pub fn user_token(&self) -> &str {
        self.user.token.text()
    }

    /// The token that may do everything in a workspace.
    ///
    /// # Errors
    /// `NotFound` for a workspace that is gone.
    pub fn admin_token(&self, id: &str) -> Result<String> {
        let authority = self.authority.read();
        let registry = authority.workspace(id).ok_or_else(|| Error::not_found("Workspace not found"))?;
        registry.admin().map(|t| t.text().to_owned())
    }

    /// The user's token in a workspace.
    ///
    /// # Errors
    /// `NotFound` for a workspace that is gone.
    pub fn member_token(&self, id: &str) -> Result<String> {
        let authority = self.authority.read();
        let registry = authority.workspace(id).ok_or_else(|| Error::not_found("Workspace not found"))?;
        let name = format!("admin {EMAIL}");
        let found = registry.list().find(|t| t.name() == name);
        found.map(|t| t.text().to_owned()).ok_or_else(|| Error::internal("the user is no member"))
    }

    /// Changes tokens of a workspace; what changed is kept before it holds.
    ///
    /// # Errors
    /// Those of `work` and of the engine.
    pub fn change_tokens<T>(
        &self,
        id: &str,
        work: impl FnOnce(&mut TokenRegistry) -> Result<T>,
    ) -> Result<T> {
        self.change_kept(id, |registry, _| work(registry))
    }

    /// Changes members of a workspace with their tokens: both are kept, or neither.
    ///
    /// # Errors
    /// Those of `work` and of the engine.
    pub fn change_members(
        &self,
        id: &str,
        work: impl FnOnce(&mut Vec<Seat>, &mut TokenRegistry) -> Result<()>,
    ) -> Result<()> {
        self.change_kept(id, |registry, card| work(&mut card.members, registry))
    }

    /// Changes what is kept of a workspace beside its deployments.
    fn change_kept<T>(
        &self,
        id: &str,
        work: impl FnOnce(&mut TokenRegistry, &mut Card) -> Result<T>,
    ) -> Result<T> {
        let tenant = self.by_id(id)?;
        // All requests ask the authority: it is not held while something is written, which waits for other writers.
        let _changing = tenant.changing.lock();
        let gone = || Error::not_found("Workspace not found");
        let before = self.authority.read().workspace(id).ok_or_else(gone)?.to_document()?;
        let mut registry = TokenRegistry::from_document(self.issuer(), &before)?;
        let mut card = tenant.card.read().clone();
        let out = work(&mut registry, &mut card)?;
        let after = registry.to_document()?;
        if after == before && card.members == tenant.card.read().members {
            return Ok(out);
        }
        tenant.workspace.engine().write(&mut |t| {
            store::put(t, "workspace", "card", &card)?;
            store::put(t, "tokens", "registry", &after)
        })?;
        let mut authority = self.authority.write();
        // The workspace may have been removed meanwhile.
        authority.workspace(id).ok_or_else(gone)?;
        authority.insert_workspace(registry);
        *tenant.card.write() = card;
        Ok(out)
    }

    /// Who holds what a request brought along.
    ///
    /// # Errors
    /// `Denied`.
    pub fn authenticate(&self, credentials: &Credentials) -> Result<Arc<TokenPrincipal>> {
        match self.authority.read().authenticate_credentials(credentials, self.now_us())? {
            Principal::Token(token) => Ok(token),
            Principal::Anonymous | Principal::SingleUser => Err(tile_auth::refusal::invalid()),
        }
    }

    /// The process's own database.
    pub fn process(&self) -> &Arc<dyn SqlEngine> {
        &self.process
    }
}

fn tables(workspaces: &Arc<Tenants>) -> Arc<dyn ForeignTables> {
    Arc::new(Shares::new(workspaces))
}

/// Random bytes as a UUID of version 4.
fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| hex.get(range).unwrap_or_default());
    parts.join("-")
}
