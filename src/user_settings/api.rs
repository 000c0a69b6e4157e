//! The operations of this room. All are about the caller, so none asks for a role.

use super::access_request;
use super::notifications::{self, List};
use super::rows;
use super::view::{self, View};
use super::wire::{
    AcceptAsk, ChoicesAsk, ImageAsk, ImageShown, Notifications, Settings, SettingsAsk, TermsShown, UnsetAsk, ViewShown,
};
use super::{acceptance, change, image};
use crate::act::Act;
use crate::error::{Error, Kind, Result};
use crate::factors;
use crate::http::{Call, Empty, EmptyObject, Json, Operation, Permission};
use crate::people::{self, SignInBy};
use crate::store::Tx;

const SETTINGS: &str = "/api/web/namespaces/system/user/settings";
const IMAGE: &str = "/api/web/namespaces/system/user/settings/image";
const VIEW: &str = "/api/web/namespaces/system/user/settings/view_preference";

/// A picture of the largest size in base64, and the rest of the body.
const BODY_MAX: usize = image::IMAGE_MAX / 3 * 4 + 16 * 1024;

/// The operations of this room.
pub fn operations() -> Vec<Operation> {
    let mut operations = about_settings().to_vec();
    operations.extend(about_notifications());
    operations.extend(about_standing());
    operations
}

fn about_settings() -> [Operation; 7] {
    let own = Permission::SignedIn;
    [
        Operation::get(SETTINGS, own, show)
            .id("ves.io.schema.user.setting.CustomAPI.Get")
            .summary("Show your own settings."),
        Operation::put(SETTINGS, own, change)
            .id("ves.io.schema.user.setting.CustomAPI.Update")
            .summary("Change your own names, picture and notices, or switch your code app off.")
            .body_max(BODY_MAX),
        Operation::get(IMAGE, own, show_image)
            .id("ves.io.schema.user.setting.CustomAPI.GetUserImage")
            .summary("Show your own picture."),
        Operation::put(IMAGE, own, set_image)
            .id("ves.io.schema.user.setting.CustomAPI.UpdateUserImage")
            .summary("Set your own picture.")
            .body_max(BODY_MAX),
        Operation::delete(IMAGE, own, remove_image)
            .id("ves.io.schema.user.setting.CustomAPI.DeleteUserImage")
            .summary("Remove your own picture."),
        Operation::get(VIEW, own, show_view)
            .id("ves.io.schema.user.setting.CustomAPI.GetViewPreference")
            .summary("Show how you want to see things."),
        Operation::put(VIEW, own, set_view)
            .id("ves.io.schema.user.setting.CustomAPI.SetViewPreference")
            .summary("Say how you want to see things; it is kept for clients."),
    ]
}

fn about_notifications() -> [Operation; 8] {
    let own = Permission::SignedIn;
    [
        Operation::get("/api/web/namespaces/system/user/notifications", own, show_own)
            .id("ves.io.schema.user.setting.CustomAPI.GetNtfnPreferences")
            .summary("List the notices to you, and which are on."),
        Operation::put("/api/web/namespaces/system/user/notifications", own, choose_own)
            .id("ves.io.schema.user.setting.CustomAPI.UpdateNtfnPreferences")
            .summary("Switch notices to you on or off."),
        Operation::put("/api/web/namespaces/system/user/notifications/unset", own, unset_own)
            .id("ves.io.schema.user.setting.CustomAPI.UnsetNtfnPreference")
            .summary("Take back a choice about a notice to you."),
        Operation::get("/api/web/namespaces/system/user/admin_notifications", own, show_of_owners)
            .id("ves.io.schema.user.setting.CustomAPI.GetAdminNtfnPreferences")
            .summary("List the notices that owners get, and which you have on."),
        Operation::put("/api/web/namespaces/system/user/admin_notifications", own, choose_of_owners)
            .id("ves.io.schema.user.setting.CustomAPI.UpdateAdminNtfnPreferences")
            .summary("Switch notices that you get as an owner on or off."),
        Operation::put("/api/web/namespaces/system/user/admin_notifications/unset", own, unset_of_owners)
            .id("ves.io.schema.user.setting.CustomAPI.UnsetAdminNtfnPreference")
            .summary("Take back a choice about a notice that you get as an owner."),
        Operation::get("/api/web/namespaces/system/user/combined_notifications", own, show_all)
            .id("ves.io.schema.user.setting.CustomAPI.GetCombinedNtfnPreferences")
            .summary("List the notices of both kinds, and which you have on."),
        Operation::put("/api/web/namespaces/system/user/combined_notifications", own, choose_any)
            .id("ves.io.schema.user.setting.CustomAPI.UpdateCombinedNtfnPreferences")
            .summary("Switch notices of both kinds on or off."),
    ]
}

fn about_standing() -> [Operation; 4] {
    let own = Permission::SignedIn;
    [
        Operation::put("/api/web/namespaces/system/user/settings/request_initial_access", own, request_access)
            .id("ves.io.schema.user.setting.CustomAPI.RequestInitialAccess")
            .summary("Ask the owners of the tenant for access; they get a mail."),
        Operation::get("/api/web/custom/namespaces/{namespace}/tos", own, show_terms)
            .id("ves.io.schema.user.CustomAPI.GetTOS")
            .in_system()
            .summary("Show the tenant's terms of service."),
        Operation::post("/api/web/custom/namespaces/{namespace}/accept_tos", own, accept_terms)
            .id("ves.io.schema.user.CustomAPI.AcceptTOS")
            .in_system()
            .summary("Accept the tenant's terms of service."),
        Operation::post("/api/web/custom/idm/user/sync", own, sync)
            .id("ves.io.schema.user.CustomAPI.SyncUser")
            .summary("Take over your data from your identity provider."),
    ]
}

/// Runs a verb of this room for the caller.
async fn write(call: &Call, mut verb: impl FnMut(&mut Tx<'_>, &Act) -> Result<()> + Send + 'static) -> Result<Empty> {
    let act = Act::of(call)?;
    call.store.write(call.scope()?, move |tx| verb(tx, &act)).await.map(|()| Empty::default())
}

fn kept(call: &Call) -> Result<rows::Kept> {
    let (tenant, caller) = (call.tenant()?.id, call.caller()?.user);
    call.store.glance(call.scope()?, |tx| rows::find(tx, tenant, caller))
}

async fn show(call: Call) -> Result<Json<Settings>> {
    let (tenant, caller) = (call.tenant()?.id, call.caller()?.user);
    let (kept, image, factor) = call.store.read(call.scope()?, |tx| {
        let image = rows::find_image(tx, tenant, caller)?;
        Ok((rows::find(tx, tenant, caller)?, image, factors::find(tx, tenant, caller)?))
    })?;
    let has_factor = factor.is_some_and(|factor| factor.is_on());
    Ok(Json(Settings::new(&kept, image.as_ref(), has_factor, call.now())))
}

async fn change(call: Call, ask: SettingsAsk) -> Result<Empty> {
    let (asked, mail) = (ask.change()?, call.random.uuid(call.now()));
    write(&call, move |tx, act| change::change(tx, act, &asked, &mail)).await
}

async fn show_image(call: Call) -> Result<Json<ImageShown>> {
    let (tenant, caller) = (call.tenant()?.id, call.caller()?.user);
    let image = call.store.glance(call.scope()?, |tx| rows::find_image(tx, tenant, caller))?;
    Ok(Json(ImageShown::new(image)))
}

async fn set_image(call: Call, ask: ImageAsk) -> Result<Empty> {
    let image = ask.image()?;
    write(&call, move |tx, act| image::set(tx, act, &image)).await
}

async fn remove_image(call: Call, _: EmptyObject) -> Result<Empty> {
    write(&call, image::remove).await
}

async fn show_view(call: Call) -> Result<Json<ViewShown>> {
    kept(&call).map(|kept| Json(ViewShown::new(kept.view)))
}

async fn set_view(call: Call, view: View) -> Result<Empty> {
    write(&call, move |tx, act| view::set(tx, act, &view)).await
}

async fn show_own(call: Call) -> Result<Json<Notifications>> {
    kept(&call).map(|kept| Json(Notifications::new(Some(List::Own), &kept)))
}

async fn show_of_owners(call: Call) -> Result<Json<Notifications>> {
    kept(&call).map(|kept| Json(Notifications::new(Some(List::OfOwners), &kept)))
}

async fn show_all(call: Call) -> Result<Json<Notifications>> {
    kept(&call).map(|kept| Json(Notifications::new(None, &kept)))
}

async fn choose_own(call: Call, ask: ChoicesAsk) -> Result<Empty> {
    choose(&call, Some(List::Own), ask).await
}

async fn choose_of_owners(call: Call, ask: ChoicesAsk) -> Result<Empty> {
    choose(&call, Some(List::OfOwners), ask).await
}

async fn choose_any(call: Call, ask: ChoicesAsk) -> Result<Empty> {
    choose(&call, None, ask).await
}

async fn choose(call: &Call, list: Option<List>, ask: ChoicesAsk) -> Result<Empty> {
    write(call, move |tx, act| notifications::choose(tx, act, list, &ask.ntfn_preferences_map)).await
}

async fn unset_own(call: Call, ask: UnsetAsk) -> Result<Empty> {
    write(&call, move |tx, act| notifications::unset(tx, act, List::Own, &ask.ntfn_to_unset)).await
}

async fn unset_of_owners(call: Call, ask: UnsetAsk) -> Result<Empty> {
    write(&call, move |tx, act| notifications::unset(tx, act, List::OfOwners, &ask.ntfn_to_unset)).await
}

async fn request_access(call: Call, _: EmptyObject) -> Result<Empty> {
    let mail = call.random.uuid(call.now());
    write(&call, move |tx, act| access_request::request(tx, act, &mail)).await
}

async fn show_terms(call: Call) -> Result<Json<TermsShown>> {
    let terms = &call.tenant()?.settings.terms;
    Ok(Json(TermsShown { text: terms.text.clone(), version: terms.version.clone() }))
}

async fn accept_terms(call: Call, ask: AcceptAsk) -> Result<Empty> {
    let acceptance = ask.acceptance();
    write(&call, move |tx, act| acceptance::accept(tx, act, &acceptance)).await
}

/// For a user whose data are kept here there is nothing to take over, and no provider is served yet that the data of another
/// could come from.
async fn sync(call: Call, _: EmptyObject) -> Result<Empty> {
    let (tenant, caller) = (call.tenant()?.id, call.caller()?.user);
    let user = call.store.glance(call.scope()?, |tx| people::find_by_id(tx, tenant, caller))?;
    if user.is_some_and(|user| user.sign_in_by == SignInBy::SingleSignOn) {
        return Err(Error::new(
            Kind::NotImplemented,
            "No identity provider is served here, so there is nothing to take over. Ask your administrator to change your data.",
        ));
    }
    Ok(Empty::default())
}
