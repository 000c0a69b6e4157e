// Resets one user's password with the generated types: ADDRESS TOKEN EMAIL.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

declare const process: { argv: string[] };

const [baseUrl, token, email] = process.argv.slice(2) as [string, string, string];
const client = createClient<paths>({ baseUrl, headers: { Authorization: `APIToken ${token}` } });
const body: components["schemas"]["UserAddress"] = { email };
const { error, response } = await client.POST("/api/web/custom/password/admin_reset", { body });
if (error) throw new Error(error.message);
console.log(response.headers.get("Tenantry-Reset-Id"));

// @ts-expect-error The compiler must refuse a body without its address.
export const incomplete: components["schemas"]["UserAddress"] = {};
