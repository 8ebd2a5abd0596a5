//! Publishes as many and as long Events as it can, ten thousand with megabytes of text: tries to fill etcd, and to write
//! lines of its own on the terminal of whoever reads them.

use sluice_sdk::serde_json::json;
use sluice_sdk::{Answer, Body, Context, Failure, Gvk, Handle, Intents, Physical, Syncer, Virtual};

struct Chatty;

impl Syncer for Chatty {
    type Object = Handle;
    const NAME: &'static str = "chatty";

    fn kind(&self) -> Gvk {
        Gvk::new("", "v1", "ServiceAccount")
    }

    fn translate(&self, _: &Context, _: &Virtual<Handle>) -> Result<Body, Failure> {
        Body::patch(&json!({}))
    }

    fn sync_down(&self, ctx: &Context, virtual_object: &Virtual<Handle>) -> Answer {
        let good = ctx.sync_down_create(self.translate(ctx, virtual_object)?)?;
        let (count, bytes, text) = match &*virtual_object.target().key.name {
            "thousands" => (10_000, 100, "chatter "),
            "megabytes" => (60, 3 << 20, "chatter "),
            "wide" => (60, 50_000, "\u{e4}\u{1f600} "),
            "control" => (1, 40, "\u{1b}[2J\r\n\u{7}\u{202e}"),
            "empty" => (1, 0, "-"),
            _ => (60, 50_000, "chatter "),
        };
        let long = text.repeat(bytes / text.len());
        let said = |at| if count == 1 { long.clone() } else { format!("{at} {long}") };
        Ok((0..count).fold(good, |intents, at| intents.warning(said(at), said(at))))
    }

    fn sync(&self, _: &Context, _: &Physical<Handle>, _: &Virtual<Handle>) -> Answer {
        Ok(Intents::none())
    }
}

sluice_sdk::plugin!(Chatty);
