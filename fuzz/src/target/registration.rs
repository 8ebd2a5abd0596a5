//! What plugins say that they are.

use std::collections::BTreeSet;

use sluice_core::grants::Grants;
use sluice_core::interception::{self, Owner, Table};
use sluice_core::key::Direction;
use sluice_core::registration::Registration;

use super::Target;

pub(super) struct Registered;

impl Target for Registered {
    const NAME: &'static str = "registration";

    fn run(input: &[u8]) {
        let Ok(text) = std::str::from_utf8(input) else { return };
        let registration = match Registration::parse(text) {
            Ok(registration) => registration,
            Err(error) => return assert!(!error.to_string().is_empty(), "an error says nothing"),
        };
        whole(&registration);
        let again = Registration::parse(&serde_json::to_string(&registration).expect("it can be printed"));
        assert_eq!(again.expect("what was printed can be read"), registration, "printed and read it is another");

        let asks = registration.asks();
        let nothing = Grants::default().missing(&asks);
        assert_eq!(
            nothing.len(),
            asks.iter().filter(|ask| !ask.verbs.is_empty()).count(),
            "given nothing, all is missing"
        );
        // An operator writes no thousands.
        if asks.len() < 200 {
            assert_eq!(Grants(asks.clone()).missing(&asks), [], "given all, something is missing");
        }
        let rules: Vec<_> = registration.interceptors.iter().flat_map(|one| one.rules.clone()).collect();
        if rules.len() < 200 {
            assert_eq!(interception::missing(&rules, &rules), [], "rules do not cover themselves");
        }
        let owned = registration.interceptors.iter().flat_map(|one| {
            let owner = Owner { plugin: "p".into(), interceptor: one.name.clone() };
            one.rules.iter().map(move |rule| (owner.clone(), rule.clone()))
        });
        let _ = Table::new(owned);
    }
}

/// What nobody behind the registration looks at again.
fn whole(registration: &Registration) {
    assert!(!registration.name.is_empty(), "a plugin without a name");
    let different = |names: Vec<&String>| {
        assert!(names.iter().all(|name| !name.is_empty()), "something without a name");
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "two of one name");
    };
    different(registration.syncers.iter().map(|syncer| &syncer.name).collect());
    different(registration.hooks.iter().map(|hook| &hook.name).collect());
    different(registration.interceptors.iter().map(|one| &one.name).collect());
    assert!(registration.hooks.iter().all(|hook| !hook.operations.is_empty()), "a hook for nothing");
    for syncer in &registration.syncers {
        different(syncer.watches.iter().map(|watch| &watch.name).collect());
        assert!(!syncer.kind.kind.is_empty() && !syncer.kind.version.is_empty(), "a syncer of no kind");
        assert_eq!(syncer.names.is_some(), syncer.direction == Direction::Up, "names, and not up, or none");
        let mut paths = syncer.references.iter().flat_map(|reference| &reference.paths);
        assert!(paths.all(|path| path.starts_with('/')), "a path that is none");
        if syncer.direction == Direction::Virtual {
            assert!(syncer.is_by_reference() && !syncer.finalizers && syncer.crd.is_none(), "what virtual ones lack");
        }
    }
}
