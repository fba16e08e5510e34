//! Tokens that files name: the lines `TOKEN` of data sources and pipes.

use crate::datafile::{Datasource, Permission as FilePermission, Pipe};
use crate::hub::{Hub, Tenant};
use tile_auth::{Permission, ResourceToken, TokenChange};
use tile_base::{Error, ResourceKind, Result};

/// All of these lines.
pub fn lines<'a>(
    sources: impl Iterator<Item = &'a Datasource>,
    pipes: impl Iterator<Item = &'a Pipe>,
) -> Vec<ResourceToken> {
    let sources = sources.map(|s| (&s.name, &s.tokens, ResourceKind::DataSource));
    let pipes = pipes.map(|p| (&p.name, &p.tokens, ResourceKind::Pipe));
    let mut out = Vec::new();
    for (name, tokens, kind) in sources.chain(pipes) {
        for token in tokens {
            let permission = match token.permission {
                FilePermission::Read => Permission::Read,
                FilePermission::Append => Permission::Append,
                FilePermission::Create => Permission::Create,
            };
            let (token_name, resource_name) = (token.name.clone(), name.clone());
            out.push(ResourceToken { token_name, permission, resource_kind: kind, resource_name });
        }
    }
    out
}

/// Makes the tokens that files name agree with the live files.
///
/// # Errors
/// Those of the registry and of the engine.
pub fn sync(hub: &Hub, tenant: &Tenant) -> Result<()> {
    let live = tenant.workspace.live();
    let (sources, pipes) = (live.resources.sources.values(), live.resources.pipes.values());
    let lines = lines(sources.map(|s| &s.file), pipes.map(|p| &p.file));
    let mut random = || hub.random();
    hub.change_tokens(&tenant.workspace.id, |registry| registry.sync_from_resources(&lines, &mut random))
        .map(drop)
}

/// What [`sync`] would change, were these the lines of the live files.
///
/// # Errors
/// Those of the registry: lines that cannot be.
pub fn changes(hub: &Hub, tenant: &Tenant, lines: &[ResourceToken]) -> Result<Vec<TokenChange>> {
    let authority = hub.authority.read();
    let registry = authority.workspace(&tenant.workspace.id);
    let registry = registry.ok_or_else(|| Error::not_found("Workspace not found"))?;
    registry.changes_from_resources(lines)
}
