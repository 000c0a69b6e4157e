"""Drives the server with f5xc-py-substrate, an SDK that its author generated from the public specification: ADDRESS TOKEN.

It prints the addresses to which it had mail sent, one a line.
"""

import sys
from contextlib import contextmanager

from f5xc_py_substrate import Client
from f5xc_py_substrate.exceptions import (
    F5XCAuthError,
    F5XCConflictError,
    F5XCError,
    F5XCForbiddenError,
    F5XCNotFoundError,
)

ADDRESS, TOKEN = sys.argv[1:]
client = Client(tenant_url=ADDRESS, token=TOKEN)

EMAIL = "pat@example.com"
MONITOR = {"namespace": "*", "role": "ves-io-monitor-role"}
READER = {"namespace": "system", "role": "reader"}


@contextmanager
def refused(kind, status, sentence):
    """Whatever is done inside must fail with exactly this exception of the SDK."""
    try:
        yield
    except F5XCError as error:
        assert type(error) is kind, f"{kind.__name__} was expected, not {error!r}"
        assert error.status_code == status and sentence in error.message, error
        assert isinstance(error.body["code"], int) and error.body["details"] == [], error.body
    else:
        raise AssertionError(f"{kind.__name__} was expected: {sentence}")


def of_name(items, name):
    """The one item of this name; list items of the SDK carry their members as extras."""
    found = [item for item in items if item.name == name]
    assert len(found) == 1, f"{name} is in the list {len(found)} times"
    return found[0]


def names(items):
    return [item.name for item in items]


def grants(roles):
    return sorted((role.namespace, role.role) for role in roles)


def who_am_i():
    me = client.user.get(namespace="system")
    assert me.email == "admin@example.com" and me.domain_owner is True, me
    assert me.access_type == "DIRECT_ACCESS" and me.type_ == "USER", me
    assert "ves-io-tenant-owner-role" in me.namespace_access.namespace_role_map["system"]["names"], me


def roles():
    groups = ["ves-io-general-read", "ves-io-uam-read"]
    metadata = {"name": "reader", "namespace": "system", "description": "Reads users"}
    made = client.role.custom_create("system", {"api_groups": groups, "metadata": metadata, "spec": {}})
    assert made.metadata.name == "reader" and made.metadata.description == "Reads users", made
    assert sorted(client.role.custom_get("system", "reader").api_groups) == groups
    listed = of_name(client.role.custom_list("system").items, "reader")
    assert sorted(listed.api_groups) == groups and listed.namespace == "system", listed
    client.role.custom_replace("system", "reader", {"name": "reader", "api_groups": ["ves-io-general-read"]})
    assert client.role.custom_get("system", "reader").api_groups == ["ves-io-general-read"]
    plain = client.role.create("system", "bare", labels={"team": "a"})
    assert plain.metadata.labels == {"team": "a"} and plain.system_metadata.uid, plain
    assert client.role.replace("system", "bare", description="Nothing yet") is not None
    read = client.role.get("system", "bare", response_format="GET_RSP_FORMAT_DEFAULT", include_all=True)
    assert read.metadata.description == "Nothing yet" and read.system_metadata.modification_timestamp, read
    assert {"bare", "reader", "ves-io-admin-role"} <= set(names(client.role.list("system")))
    with refused(F5XCConflictError, 409, "already exist"):
        client.role.create("system", "bare")
    client.role.delete("system", "bare")
    with refused(F5XCNotFoundError, 404, "bare"):
        client.role.get("system", "bare")
    with refused(F5XCForbiddenError, 403, ""):
        client.role.delete("system", "ves-io-admin-role")


def users():
    body = {"email": EMAIL, "first_name": "Pat", "last_name": "Roe", "namespace_roles": [MONITOR]}
    made = client.user.create("system", EMAIL, body=body)
    assert made.spec.gc_spec.email == EMAIL and made.spec.gc_spec.type_ == "USER", made
    listed = of_name(client.user.list("system"), EMAIL)
    assert listed.last_login_timestamp is None and listed.first_name == "Pat", listed
    assert listed.namespace_roles == [MONITOR], listed
    with refused(F5XCConflictError, 409, "already exist"):
        client.user.create("system", EMAIL, body=body)
    client.user.replace("system", EMAIL, body=body | {"first_name": "Patricia", "namespace_roles": [READER]})
    listed = of_name(client.user.list("system"), EMAIL)
    assert listed.first_name == "Patricia" and listed.namespace_roles == [READER], listed
    client.user.custom_replace("system", EMAIL, body | {"namespace_roles": []})
    assert of_name(client.user.list("system"), EMAIL).namespace_roles == []
    several = {"namespaces_role": {"namespaces": ["system", "shared"], "role": "reader"}, "username": [EMAIL]}
    client.user.assign_role("system", several)
    assert len(of_name(client.user.list("system"), EMAIL).namespace_roles) == 2
    with refused(F5XCConflictError, 409, "reader"):
        client.role.delete("system", "reader")


def groups():
    body = {"name": "ops", "display_name": "Operations", "usernames": [EMAIL], "namespace_roles": [READER]}
    made = client.user_group.create("system", "ops", body=body)
    assert made.usernames == [EMAIL] and made.error is None and made.id_, made
    assert grants(made.namespace_roles) == [("system", "reader")], made
    listed = of_name(client.user_group.custom_list().user_groups, "ops")
    assert listed.display_name == "Operations" and listed.sync_mode == "SELF", listed
    assert "ops" in names(client.user_group.list("system", report_fields=["spec"]))
    assert client.user_group.get("system", "ops", include_all=True).spec.display_name == "Operations"
    more = client.user_group.assign_role("ops", {"name": "ops", "namespace_roles": [MONITOR]})
    assert grants(more.namespace_roles) == [("*", "ves-io-monitor-role"), ("system", "reader")], more
    fewer = client.user_group.remove_role("ops", {"name": "ops", "namespace_roles": [READER]})
    assert grants(fewer.namespace_roles) == [("*", "ves-io-monitor-role")], fewer
    client.user_group.replace("system", "ops", body={"name": "ops", "display_name": "Others", "usernames": []})
    read = client.user_group.custom_get("ops")
    assert (read.display_name, read.usernames, read.namespace_roles) == ("Others", [], []), read
    assert client.user.add_user_to_group({"username": EMAIL, "group_names": ["ops"]}).error is None
    assert client.user_group.custom_get("ops").usernames == [EMAIL]
    assert client.user.remove_user_from_group({"username": EMAIL, "group_names": ["ops"]}).error is None
    assert client.user_group.custom_get("ops").usernames == []
    with refused(F5XCConflictError, 409, "already exist"):
        client.user_group.create("system", "ops", body=body)
    identifier = {"object_name": "ops", "object_namespace": "system"}
    analysed = client.user_group.analyze_for_deletion({"namespace_name_identifier": identifier})
    assert analysed.deletion_analysis == "Deletable", analysed
    client.user_group.delete("system", "ops")
    with refused(F5XCNotFoundError, 404, "ops"):
        client.user_group.custom_get("ops")


def namespaces():
    made = client.namespace.create("", "team-p", labels={"stage": "test"}, description="Of a program")
    assert made.system_metadata.initializers.pending == [] and made.metadata.labels == {"stage": "test"}, made
    assert client.namespace.get("team-p").metadata.description == "Of a program"
    assert names(client.namespace.list(label_filter="stage in (test)")) == ["team-p"]
    client.namespace.replace("", "team-p", description="Still of a program")
    assert client.namespace.get("team-p").metadata.description == "Still of a program"
    assert names(client.namespace.list(label_filter="stage in (test)")) == []
    with refused(F5XCConflictError, 409, "already exist"):
        client.namespace.create("", "team-p")
    call = {"method": "POST", "path": "/api/web/custom/password/admin_reset"}
    asked = {"namespace": "system", "item_lists": [{"list_id": "a", "items": [call]}]}
    assert client.namespace.evaluate_api_access(asked).item_lists[0].result is True
    assert client.namespace.lookup_user_roles({"namespace": "system"}) is not None


def contacts():
    spec = client.contact.CreateSpecType(address1="1 High Street", city="Bristol", contact_type="MAILING")
    made = client.contact.create("team-p", "office", spec=spec)
    assert made.spec.city == "Bristol" and made.metadata.namespace == "team-p", made
    client.contact.replace("team-p", "office", spec=client.contact.ReplaceSpecType(city="Leeds"))
    read = client.contact.get("team-p", "office")
    assert read.spec.city == "Leeds" and not read.spec.address1, read
    listed = of_name(client.contact.list("team-p", report_fields=["get_spec"]), "office")
    assert listed.get_spec["city"] == "Leeds", listed
    client.contact.delete("team-p", "office")
    with refused(F5XCNotFoundError, 404, "office"):
        client.contact.get("team-p", "office")
    client.contact.create("team-p", "goes-along", spec=spec)
    gone = client.namespace.cascade_delete("team-p")
    assert "goes-along" in [item.object_name for item in gone.items], gone
    with refused(F5XCNotFoundError, 404, "team-p"):
        client.namespace.get("team-p")


def credentials():
    typed = {"name": "ci", "namespace": "system", "expiration_days": 10, "spec": {"type": "API_TOKEN"}}
    made = client.api_credential.create("system", "ci", body=typed)
    assert made.active and made.data and made.name.startswith("ci-"), made.name
    with_it = Client(tenant_url=ADDRESS, token=made.data)
    assert with_it.user.get("system").email == "admin@example.com"
    listed = of_name(client.api_credential.list("system"), made.name)
    assert listed.active and listed.type == "API_TOKEN", listed
    named = {"name": made.name, "namespace": "system"}
    assert client.api_credential.renew("system", named | {"expiration_days": 20}).status is True
    renewed = client.api_credential.get("system", made.name).object_.spec.gc_spec
    assert renewed.active and renewed.expiration_timestamp > made.expiration_timestamp, renewed
    assert client.api_credential.revoke("system", named).status is True
    with refused(F5XCAuthError, 401, ""):
        with_it.user.get("system")
    with refused(F5XCNotFoundError, 404, made.name):
        client.api_credential.get("system", made.name)


def a_service_of_little_rank():
    asked = {"name": "robot", "namespace": "system", "type": "SERVICE_API_TOKEN", "namespace_roles": [READER]}
    made = client.api_credential.create_service_credentials("system", asked)
    assert made.name in names(client.api_credential.list_service_credentials("system").items), made.name
    robot = Client(tenant_url=ADDRESS, token=made.data)
    assert robot.user.get("system").type_ == "SERVICE"
    with refused(F5XCForbiddenError, 403, ""):
        robot.user.reset_password_by_admin({"email": EMAIL})
    service = {"name": made.name, "namespace": "system"}
    assert client.api_credential.renew_service_credentials("system", service | {"expiration_days": 5}).status is True
    read = client.api_credential.get_service_credentials("system", made.name)
    assert read is not None
    assert client.api_credential.revoke_service_credentials("system", service).status is True
    with refused(F5XCAuthError, 401, ""):
        robot.user.get("system")


def settings():
    read = client.tenant.get_tenant_settings()
    assert read.state == "StateActive" and read.otp_status == "OTP_DISABLED", read
    most = {"max_api_token_expiry_days": 90, "max_api_certificate_expiry_days": 90, "max_kube_config_expiry_days": 90}
    assert client.tenant.update_tenant_settings({"max_credentials_expiry": most}).validation_errors == []
    assert client.tenant.get_tenant_settings().max_credentials_expiry.max_api_token_expiry_days == 90
    policy = client.tenant.get_idm_settings().password_policy
    changed = {"password_policy": {"minimum_length": policy.minimum_length + 3}}
    client.tenant.update_idm_settings(changed)
    assert client.tenant.get_idm_settings().password_policy.minimum_length == policy.minimum_length + 3
    assert client.tenant.get_password_policy().minimum_length == policy.minimum_length + 3
    assert client.tenant.list_inactive_users().users == []
    assert client.tenant.get_last_login_map().last_login_map is not None


def password_resets():
    client.user.reset_password_by_admin({"email": "jane@example.com"})
    with refused(F5XCNotFoundError, 404, "nobody@example.com"):
        client.user.reset_password_by_admin({"email": "nobody@example.com"})
    # The SDK has no exception of its own for 400.
    with refused(F5XCError, 400, "email"):
        client.user.reset_password_by_admin({})
    with refused(F5XCAuthError, 401, ""):
        Client(tenant_url=ADDRESS, token="tny_nothing").user.reset_password_by_admin({"email": EMAIL})
    client.user.send_password_email("system", {"email": EMAIL, "namespace": "system"})


def removals():
    gone = client.user.cascade_delete("system", {"email": EMAIL, "namespace": "system"})
    assert gone.delete_ok is True and gone.items[0].object_name == EMAIL, gone
    with refused(F5XCNotFoundError, 404, EMAIL):
        client.user.cascade_delete("system", {"email": EMAIL})
    client.role.delete("system", "reader")
    assert "reader" not in names(client.role.list("system"))


for step in (who_am_i, roles, users, groups, namespaces, contacts, credentials, a_service_of_little_rank, settings,
             password_resets):
    step()
print("jane@example.com", EMAIL, sep="\n")
removals()
