//! The calls about the picture of a tenant. A tenant has one, so image, logo and favicon are the same.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::header;
use schemars::JsonSchema;
use serde::Deserialize;

use super::picture::{PICTURE_MAX, Picture, STATIC, get, remove, replace};
use super::tenant_named;
use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::{Error, Kind, Result};
use crate::http::{Answer, Call, Empty, Operation, Permission, Success};
use crate::identity::Tenant;
use crate::objects::empty_if_null;
use crate::sent_picture::from_base64;
use crate::store::Scope;

const IMAGE: &str = "/api/web/namespaces/system/tenant/settings/tenant/image";
const LOGO: &str = "/api/web/namespaces/system/tenant/settings/tenant/logo";
const FAVICON: &str = "/api/web/namespaces/system/tenant/settings/tenant/favicon";
const STATIC_FAVICON: &str = "/api/web/static/namespaces/system/tenant/settings/tenant/favicon";
/// Largest body: the picture in base64 and some room for what stands around it.
const BODY_MAX: usize = PICTURE_MAX / 3 * 4 + 4 * 1024;
const PICTURES: [Success; 6] = [
    Success::file("image/png", "The picture."),
    Success::file("image/jpeg", "The picture."),
    Success::file("image/gif", "The picture."),
    Success::file("image/webp", "The picture."),
    Success::file("image/x-icon", "The picture."),
    Success::unchanged(),
];

/// The rows of these calls.
pub(super) fn operations() -> Vec<Operation> {
    let write = Permission::Group(ApiGroup::UamAdminWrite);
    let own = |path, id| {
        Operation::get(path, Permission::SignedIn, show)
            .id(id)
            .answers(&PICTURES)
            .summary("The tenant's picture, as its bytes.")
    };
    let open = |path, id| {
        Operation::get(path, Permission::Open, show_to_anyone)
            .id(id)
            .answers(&PICTURES)
            .summary("The tenant's picture, as its bytes, to anyone.")
            .query::<String>("realm_id", "The id of the tenant; otherwise the host names it.")
    };
    vec![
        own(IMAGE, "ves.io.schema.tenant.CustomAPI.GetImage"),
        own(LOGO, "ves.io.schema.tenant.CustomAPI.GetLogo"),
        own(FAVICON, "ves.io.schema.tenant.CustomAPI.GetFavIcon"),
        open(STATIC, "ves.io.schema.tenant.CustomAPI.GetImage_get_get_get"),
        open(STATIC_FAVICON, "ves.io.schema.tenant.CustomAPI.GetFavIcon_get_get_get"),
        Operation::put(IMAGE, write, replace_one)
            .body_max(BODY_MAX)
            .id("ves.io.schema.tenant.CustomAPI.UpdateImage")
            .summary("Upload the picture that people see at the top of the tenant's pages."),
        Operation::delete(IMAGE, write, remove_one)
            .id("ves.io.schema.tenant.CustomAPI.DeleteImage")
            .summary("Take the tenant's picture away, from its pages too."),
    ]
}

/// A picture to show.
#[derive(Deserialize, JsonSchema)]
#[schemars(extend("required" = ["image"]))]
struct PictureAsk {
    /// Decides nothing: the picture's own bytes tell its format.
    #[serde(default, deserialize_with = "empty_if_null")]
    #[schemars(example = &"image/gif")]
    #[allow(dead_code, reason = "read, so that its type is checked")]
    content_type: String,
    /// The bytes in base64 (RFC 4648 § 4 or § 5): a PNG, JPEG, GIF, WebP or ICO picture of at most 256 KiB.
    #[serde(default, deserialize_with = "empty_if_null")]
    #[schemars(example = &"R0lGODlhAQABAAAAACwAAAAAAQABAAACAUwAOw==")]
    image: String,
}

/// What clients send with a removal says nothing that the path does not.
#[derive(Deserialize, JsonSchema)]
struct PictureRemoval {}

impl PictureAsk {
    fn picture(&self) -> Result<Picture> {
        if self.image.is_empty() {
            return Err(Error::invalid("Field image should be not empty in request."));
        }
        let content = from_base64(&self.image)
            .ok_or_else(|| Error::invalid("Field image is no base64. Send the bytes of the picture in base64."))?;
        if content.len() > PICTURE_MAX {
            let sentence = format!("The picture is larger than {PICTURE_MAX} bytes, the most that is taken.");
            return Err(Error::new(Kind::TooLarge, sentence));
        }
        Picture::of(content)
    }
}

async fn replace_one(call: Call, ask: PictureAsk) -> Result<Empty> {
    let (act, picture) = (Act::of(&call)?, ask.picture()?);
    call.store.write(call.scope()?, move |tx| replace(tx, &picture, &act)).await?;
    Ok(Empty::default())
}

async fn remove_one(call: Call, _: PictureRemoval) -> Result<Empty> {
    let act = Act::of(&call)?;
    call.store.write(call.scope()?, move |tx| remove(tx, &act)).await?;
    Ok(Empty::default())
}

async fn show(call: Call) -> Result<Answer> {
    shown(&call, call.tenant()?)
}

async fn show_to_anyone(call: Call) -> Result<Answer> {
    shown(&call, &tenant_named(&call)?)
}

fn shown(call: &Call, tenant: &Tenant) -> Result<Answer> {
    let Picture { format, digest, content } = call.store.read(Scope::of(tenant.id), |tx| get(tx, tenant.id))?;
    let etag = format!("\"{}\"", STANDARD_NO_PAD.encode(&digest));
    Answer::new(format.media_type(), content).validated(&etag, call.head.header(header::IF_NONE_MATCH))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sent_picture::PictureFormat;

    fn picture(image: &str) -> Result<Picture> {
        PictureAsk { content_type: String::new(), image: image.into() }.picture()
    }

    #[test]
    fn base64_is_taken_in_both_alphabets_with_padding_and_without() {
        for text in ["R0lGODlh-_8", "R0lGODlh-_8=", "R0lGODlh+/8", "R0lGODlh+/8="] {
            assert_eq!(picture(text).unwrap().content, b"GIF89a\xfb\xff", "{text}");
        }
        assert_eq!(picture("R0lGODlh").unwrap().format, PictureFormat::Gif);
    }

    #[test]
    fn what_is_no_picture_or_too_large_is_refused() {
        for (text, part) in [("", "not empty"), ("R0l!", "no base64"), ("PHN2Zy8+", "SVG is not taken")] {
            assert!(picture(text).unwrap_err().message.contains(part), "{text}");
        }
        let of = |length: usize| {
            let mut content = b"GIF89a".to_vec();
            content.resize(length, 0);
            let text = STANDARD_NO_PAD.encode(content);
            assert!(text.len() + 64 < BODY_MAX);
            picture(&text)
        };
        assert!(of(PICTURE_MAX).is_ok());
        let refused = of(PICTURE_MAX + 1).unwrap_err();
        assert_eq!(refused.kind, Kind::TooLarge);
        assert!(refused.message.contains("262144 bytes"), "{}", refused.message);
    }
}
