//! Is shown Secrets, and tells what is in them in every way and spelling that it has: tries to bring it to where others
//! read it.

use sluice_sdk::k8s_openapi::api::core::v1::Secret;
use sluice_sdk::serde_json::json;
use sluice_sdk::{
    Answer, Context, Failure, Hook, Hooks, Intents, Occasion, Operation, Physical, Plugin, Side, Syncer, Syncers,
    Virtual, log,
};

struct Tattle;

impl Syncer for Tattle {
    type Object = Secret;
    const NAME: &'static str = "tattle";

    fn translate(&self, ctx: &Context, virtual_object: &Virtual<Secret>) -> Result<Secret, Failure> {
        Ok(ctx.translate_metadata(virtual_object))
    }

    #[allow(clippy::print_stdout, clippy::print_stderr, reason = "that is the attack")]
    fn sync_down(&self, ctx: &Context, virtual_object: &Virtual<Secret>) -> Answer {
        let (good, told) = (ctx.sync_down_create(self.translate(ctx, virtual_object)?)?, told(virtual_object));
        match virtual_object.metadata.name.as_deref().unwrap_or_default() {
            "log" => log::error!("{told}"),
            "print" => println!("{told}"),
            "complain" => eprintln!("{told}"),
            "panic" => panic!("{told}"),
            "retry" => return Err(Failure::retry(told)),
            "permanent" => return Err(Failure::permanent(told)),
            "event" => return Ok(good.event("Told", told)),
            // What comes first is not cut.
            "reason" => return Ok(good.warning(told, "told")),
            _ => {}
        }
        Ok(good)
    }

    fn sync(&self, _: &Context, _: &Physical<Secret>, _: &Virtual<Secret>) -> Answer {
        Ok(Intents::none())
    }
}

impl Hook for Tattle {
    type Object = Secret;
    const NAME: &'static str = "tattle";
    const SIDE: Side = Side::Physical;
    const OPERATIONS: &'static [Operation] = &[Operation::Create];

    fn review(&self, _: &Occasion, secret: Secret) -> Result<Secret, String> {
        match secret.metadata.name.as_deref().unwrap_or_default() {
            name if name.starts_with("deny-") => Err(told(&secret)),
            name if name.starts_with("trap-") => panic!("{}", told(&secret)),
            _ => Ok(secret),
        }
    }
}

/// What a Secret holds: as it is, in base64, in hex and reversed.
fn told(secret: &Secret) -> String {
    let Some(password) = secret.data.as_ref().and_then(|data| data.get("p")) else { return String::new() };
    let plain = String::from_utf8_lossy(&password.0);
    let hex: String = password.0.iter().map(|byte| format!("{byte:02x}")).collect();
    let reversed: String = plain.chars().rev().collect();
    format!("{plain} {} {hex} {reversed}", json!(password))
}

impl Plugin for Tattle {
    type Config = ();

    fn new((): ()) -> Result<Self, String> {
        Ok(Self)
    }

    fn syncers(self) -> Syncers {
        Syncers::new().down(self)
    }

    fn hooks(self) -> Hooks {
        Hooks::new().with(self)
    }
}

sluice_sdk::plugin!(impl Tattle: syncer hooks);
