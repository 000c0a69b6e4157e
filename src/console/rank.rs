//! Who may reset whom, role against role, by the function that decides each call.

use super::desk::Around;
use super::{Console, NOT_YET};
use crate::access::{ApiGroup, ApiGroups, Grant, Held, Rights, SYSTEM, built_in_role, may_touch};
use crate::error::Result;
use crate::http::{Answer, Call, Operation, Success, bind};
use crate::pages::console::Place;
use crate::pages::console::rank::{Pair, Rank, Row, Verdict, page};
use crate::roles::{Role, all_roles};

/// Roles of the tenant's own that stand in the matrix.
const OWN: usize = 4;

pub(super) fn operations(console: &Console) -> Vec<Operation> {
    vec![
        Operation::get("/console/roles/rank", NOT_YET, bind(console, show))
            .id("tenantry.console.rank")
            .console("tenantry.access.can")
            .answers(&[Success::page()])
            .summary("The page that shows who may reset whom.")
            .query::<String>("who", "The role of the one who would do it.")
            .query::<String>("whom", "The role of the other one."),
    ]
}

async fn show(console: Console, call: Call) -> Result<Answer> {
    let (around, all) = (Around::of(&console, &call)?, all_roles(&call)?);
    let [who, whom] = ["who", "whom"].map(|name| call.text(name).unwrap_or_default());
    let find = |name: &str| all.iter().find(|role| role.name == name.trim());
    let asked = find(&who).zip(find(&whom)).map(|(who, whom)| verdict(who, whom));
    let own = all.iter().filter(|role| built_in_role(&role.name).is_none()).take(OWN);
    let shown: Vec<_> = all.iter().filter(|role| built_in_role(&role.name).is_some()).chain(own).collect();
    let rows: Vec<_> = shown
        .iter()
        .map(|who| Row {
            role: who.name.clone(),
            resets_nobody: !may_reset(&rights(who)),
            verdicts: shown.iter().map(|whom| verdict(who, whom)).collect(),
        })
        .collect();
    let is_unknown = !who.is_empty() && !whom.is_empty() && asked.is_none();
    let content = Rank {
        pair: Pair { who: &who, whom: &whom, verdict: asked.as_ref(), is_unknown },
        rows: &rows,
        url: &around.url_of("/api/web/custom/namespaces/system/roles"),
    };
    Ok(Answer::page(page(&around.desk(Place::Roles), &content)))
}

/// The rights of one who has this role alone, in the namespace in which users are administered.
fn rights(role: &Role) -> Rights {
    let grant = Grant::new(SYSTEM, role.name.clone());
    let groups = built_in_role(&role.name).unwrap_or_else(|| ApiGroups::of_names(&role.spec));
    Rights::of(vec![Held { grant, groups, through: None }], Vec::new())
}

fn may_reset(rights: &Rights) -> bool {
    rights.allow(ApiGroup::UamAdminWrite, SYSTEM)
}

fn verdict(who: &Role, whom: &Role) -> Verdict {
    let (actor, target) = (rights(who), rights(whom));
    let is_owner = target.are_owners();
    let lacks: Vec<_> = ApiGroup::ALL
        .into_iter()
        .filter(|group| target.allow(*group, SYSTEM) && !actor.allow(*group, SYSTEM))
        .map(ApiGroup::name)
        .collect();
    match may_touch(&actor, &target, is_owner) {
        Ok(()) if may_reset(&actor) => Verdict::Yes,
        Ok(()) => Verdict::ResetsNobody,
        Err(missing) if lacks.is_empty() => Verdict::Lacks(vec![missing.group]),
        Err(_) => Verdict::Lacks(lacks),
    }
}
