//! What becomes of plugins' answers.

mod case;
mod laws;
mod settled;

use sluice_core::grants::Grants;
use sluice_core::limits::Limits;
use sluice_core::plan::{Rules, plan, plan_init};

use super::Target;
use case::Case;

pub(super) struct Plans;

impl Target for Plans {
    const NAME: &'static str = "plan";

    fn run(input: &[u8]) {
        let Ok(case) = serde_json::from_slice::<Case>(input) else { return };
        let Some(stage) = case.stage() else { return };
        let limits = Limits::default();
        let grants = Grants(stage.grants.clone());
        let rules = Rules { grants: &grants, limits: &limits, manager: "p", watched: Some(&stage.watched) };
        match plan(rules, &stage.syncer, &stage.pair, &stage.intents) {
            Ok(plan) => {
                laws::hold(&stage, &plan, limits.requeue);
                settled::settles(rules, &stage, &plan);
            }
            Err(refusal) => assert!(!refusal.to_string().is_empty(), "a refusal says nothing"),
        }
        if let Ok(plan) = plan_init(rules, &stage.intents) {
            laws::only_applies(&stage, &plan);
        }
    }
}
