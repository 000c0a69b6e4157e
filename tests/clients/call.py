"""Resets one user's password with the generated client: ADDRESS TOKEN EMAIL."""

import sys

from tenantry_client import AuthenticatedClient
from tenantry_client.api.default import ves_io_schema_user_custom_api_reset_password_by_admin as admin_reset
from tenantry_client.models import EmptyObject, UserAddress

address, token, email = sys.argv[1:]
client = AuthenticatedClient(base_url=address, token=token, prefix="APIToken")
answered = admin_reset.sync_detailed(client=client, body=UserAddress(email=email))
assert answered.status_code == 200 and isinstance(answered.parsed, EmptyObject), answered
print(answered.headers["Tenantry-Reset-Id"])
