//! How a node says that its cluster stands, and when that is believed. Pure.

use serde_json::Value;

use super::NODES;

/// How a node says that the cluster stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The node that takes writes, if one does.
    pub leader: Option<String>,
    /// Whether all three run, on one history, and a standby gives its word to each commit.
    pub is_whole: bool,
}

impl View {
    /// Reads the answer to `GET /cluster`.
    pub fn read(said: &Value) -> Option<Self> {
        let members = said["members"].as_array()?;
        let is = |member: &Value, key: &str, wanted: &str| member[key] == wanted;
        let leader = members.iter().find(|member| is(member, "role", "leader") && is(member, "state", "running"));
        let history = leader.map(|leader| &leader["timeline"]);
        let follows = |member: &&Value| is(member, "state", "streaming") && Some(&member["timeline"]) == history;
        let gives_its_word = |member: &Value| is(member, "role", "sync_standby");
        let is_whole = leader.is_some()
            && members.iter().filter(follows).count() == NODES.len() - 1
            && members.iter().any(gives_its_word);
        Some(Self { leader: leader.and_then(|leader| leader["name"].as_str()).map(str::to_owned), is_whole })
    }
}

/// The leader, if every node says that all are there, and names the same one.
pub fn agreed(views: &[Option<View>]) -> Option<&str> {
    let first = views.first()?.as_ref().filter(|view| view.is_whole)?;
    views.iter().all(|view| view.as_ref() == Some(first)).then_some(first.leader.as_deref()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn view(states: [(&str, &str, u64); 3]) -> View {
        let member = |((role, state, timeline), name)| json!({ "name": name, "role": role, "state": state, "timeline": timeline });
        let members: Vec<_> = states.into_iter().zip(NODES).map(member).collect();
        View::read(&json!({ "members": members })).unwrap()
    }

    #[test]
    fn a_cluster_is_whole_when_two_follow_the_history_of_the_leader_and_one_gives_its_word() {
        let leader = ("leader", "running", 2);
        let (sync, other) = (("sync_standby", "streaming", 2), ("replica", "streaming", 2));
        assert_eq!(view([sync, leader, other]), View { leader: Some("b".into()), is_whole: true });
        for states in [
            [("replica", "running", 2), sync, other],
            [leader, other, other],
            [leader, sync, ("replica", "streaming", 1)],
            [leader, sync, ("replica", "starting", 2)],
        ] {
            assert!(!view(states).is_whole, "{states:?}");
        }
    }

    #[test]
    fn the_nodes_agree_only_when_each_of_them_answers_and_says_the_same() {
        let of = |leader: &str| Some(View { leader: Some(leader.into()), is_whole: true });
        assert_eq!(agreed(&[of("a"), of("a"), of("a")]), Some("a"));
        assert_eq!(agreed(&[of("a"), of("a"), of("b")]), None);
        assert_eq!(agreed(&[of("a"), of("a"), None]), None);
        let alone = Some(View { leader: Some("a".into()), is_whole: false });
        assert_eq!(agreed(&[alone.clone(), alone.clone(), alone]), None);
    }
}
