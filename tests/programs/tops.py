"""Does the jobs of those who run a tenant with f5xc-tops-py-client, which they wrote for it: ADDRESS TOKEN.

It prints the addresses to which it had mail sent, one a line.
"""

import sys
from contextlib import contextmanager
from datetime import datetime, timedelta

from f5xc_tops_py_client import apicred, group, ns, nsrole, role, session, svccred, tenant, user
from f5xc_tops_py_client.helper import TopsXCException

# The package puts a handler of its own there, which ends a failed program with no more than a line.
sys.excepthook = sys.__excepthook__

ADDRESS, TOKEN = sys.argv[1:]
here = session(tenant_url=ADDRESS, api_token=TOKEN)

EMAIL = "sam@example.com"
MONITOR = {"namespace": "*", "role": "ves-io-monitor-role"}
AUDITOR = {"namespace": "system", "role": "auditor"}


@contextmanager
def refused(status, sentence):
    """Whatever is done inside must fail with this status and sentence."""
    try:
        yield
    except TopsXCException as error:
        assert str(error).startswith(f"API ResponseCode {status}: ") and sentence in str(error), error
    else:
        raise AssertionError(f"{status} was expected: {sentence}")


def of_name(items, name):
    found = [item for item in items if item["name"] == name]
    assert len(found) == 1, f"{name} is in the list {len(found)} times"
    return found[0]


def sessions():
    try:
        session(tenant_url=ADDRESS, api_token="tny_nothing")
    except TopsXCException as error:
        assert str(error) == "Invalid Token", error
    else:
        raise AssertionError("a session was made with a token that nobody has")


def roles():
    calls = role(here)
    made = calls.create(role.create_payload("auditor", "Reads", ["ves-io-uam-read"], labels={"by": "program"}))
    assert made["metadata"]["labels"] == {"by": "program"}, made
    assert of_name(calls.list(), "auditor")["api_groups"] == ["ves-io-uam-read"]
    assert of_name(calls.listv1(), "auditor")["uid"]
    both = ["ves-io-general-read", "ves-io-uam-read"]
    calls.replace(role.replace_payload("auditor", both), "auditor")
    assert sorted(of_name(calls.list(), "auditor")["api_groups"]) == both
    with refused(409, "already exist"):
        calls.create(role.create_payload("auditor", "Again", ["ves-io-uam-read"]))


def users():
    """The job that reads a list of people: it creates, and merges the roles of those who are there."""
    calls = user(here)
    new = user.create_payload(EMAIL, "Sam", "Doe", namespace_roles=[MONITOR], idm_type="VOLTERRA_MANAGED")
    calls.create(new)
    with refused(409, "already exist"):
        calls.create(new)
    listed = of_name(calls.list(), EMAIL)
    # The job compares the roles as sets of what is in each: nothing but two texts can be in one.
    before = {frozenset(one.items()) for one in listed["namespace_roles"]}
    wanted = [dict(one) for one in before | {frozenset(AUDITOR.items())}]
    calls.update(user.update_payload(EMAIL, listed["first_name"], listed["last_name"], wanted, listed["group_names"]))
    after = {frozenset(one.items()) for one in of_name(calls.list(), EMAIL)["namespace_roles"]}
    assert after == before | {frozenset(AUDITOR.items())}, after
    assert of_name(calls.list(), EMAIL)["last_login_timestamp"] is None
    sso = "robin@example.com"
    calls.create(user.create_payload(sso, "Robin", "Roe"))
    assert of_name(calls.list(), sso)["idm_type"] == "SSO"
    calls.delete(user.delete_payload(sso))
    with refused(404, sso):
        calls.delete(user.delete_payload(sso))
    held = [one for one in nsrole(here).list("system") if one["name"]]
    assert held and nsrole(here).get(namespace="system", name=held[0]["name"])["spec"], held


def groups():
    calls = group(here)
    made = calls.create(group.create_payload("crew", "On call", "Crew", [MONITOR], [EMAIL]))
    assert made["usernames"] == [EMAIL] and made["error"] is None, made
    assert of_name(calls.list()["user_groups"], "crew")["description"] == "On call"
    assert calls.get("crew")["spec"]["display_name"] == "Crew"
    more = calls.role_assign(group.role_payload("crew", [AUDITOR]), "crew")
    assert len(more["namespace_roles"]) == 2, more
    fewer = calls.role_remove(group.role_payload("crew", [MONITOR, AUDITOR]), "crew")
    assert fewer["namespace_roles"] == [], fewer
    user(here).create(user.create_payload("lee@example.com", "Lee", "Poe"))
    user(here).group(user.group_payload("lee@example.com", ["crew"]))
    assert of_name(user(here).list(), "lee@example.com")["group_names"] == ["crew"]
    with refused(409, "already exist"):
        calls.create(group.create_payload("crew", "", "", [], []))
    # The package asks for a removal by POST, which is not how the public API removes one.
    with refused(404, "Path"):
        calls.delete("crew")


def namespaces():
    calls = ns(here)
    made = calls.create(ns.create_payload("team-q", "Of a program"))
    assert made["metadata"]["name"] == "team-q", made
    assert calls.get("team-q")["metadata"]["description"] == "Of a program"
    assert of_name(calls.list(), "team-q")["metadata"]["name"] == "team-q"
    with refused(409, "already exist"):
        calls.create(ns.create_payload("team-q", "Again"))
    gone = calls.delete(ns.delete_payload("team-q"), "team-q")
    assert "team-q" in [one["object_name"] for one in gone], gone
    with refused(404, "team-q"):
        calls.get("team-q")


def credentials():
    calls = apicred(here)
    made = calls.create(apicred.create_payload("job", 10))
    session(tenant_url=ADDRESS, api_token=made["data"])
    assert of_name(calls.list(), made["name"])["active"] is True
    assert calls.renew(apicred.renew_payload(made["name"], 20)) == {"status": True}
    spec = calls.get(made["name"])["object"]["spec"]["gc_spec"]
    assert spec["expiration_timestamp"] > made["expiration_timestamp"], spec
    assert calls.revoke(apicred.revoke_payload(made["name"])) == {"status": True}
    with refused(404, made["name"]):
        calls.get(made["name"])


def a_service_of_little_rank():
    calls = svccred(here)
    made = calls.create(svccred.create_payload("watcher", [AUDITOR], 10))
    assert of_name(calls.list(), made["name"])["active"] is True
    robot = session(tenant_url=ADDRESS, api_token=made["data"])
    assert of_name(user(robot).list(), EMAIL)["email"] == EMAIL
    with refused(403, ""):
        user(robot).delete(user.delete_payload(EMAIL))
    assert calls.renew(svccred.renew_payload(made["name"], 5)) == {"status": True}
    assert calls.revoke(svccred.revoke_payload(made["name"])) == {"status": True}
    with refused(401, ""):
        user(robot).list()


def settings():
    calls = tenant(here)
    assert calls.get_settings()["state"] == "StateActive"
    assert calls.get_idm_settings()["password_policy"]["minimum_length"] >= 7
    assert calls.list_inactive_users() == []
    assert isinstance(calls.last_login(), dict)


def removals():
    calls = user(here)
    gone = calls.delete(user.delete_payload(EMAIL))
    # It takes the list out of the answer.
    assert [one["object_name"] for one in gone] == [EMAIL], gone
    with refused(409, "auditor"):
        svccred(here).create(svccred.create_payload("holder", [AUDITOR], 10))
        role(here).delete(role.delete_payload("auditor"), "auditor")


for step in (sessions, roles, users, groups, namespaces, credentials, a_service_of_little_rank, settings, removals):
    step()
print(EMAIL)
