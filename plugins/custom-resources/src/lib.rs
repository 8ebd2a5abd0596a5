//! Custom resources without code: the config lists kinds, which way each is copied, and what is changed on the way.
//!
//! ```yaml
//! plugins:
//!   custom-resources:
//!     config:
//!       resources:
//!       - apiVersion: example.com/v1
//!         kind: Database
//!         crd: databases.example.com        # copied to the cluster that lacks it
//!         direction: down
//!         status: true                      # comes back up
//!         finalizers: true
//!         patches:
//!         - path: /spec/host
//!           expression: value + "." + object.metadata.namespace
//!         - path: /spec/passwordSecret/name # is renamed, and the Secret is copied as well
//!           reference: Secret
//!       - apiVersion: example.com/v1
//!         kind: DatabaseClass
//!         direction: up
//!         names: same
//! ```

mod config;
mod content;
mod down;
mod expression;
mod patch;
mod referenced;
mod up;

use config::{Config, Direction, Resource};
use down::Down;
use referenced::Referenced;
use sluice_sdk::{Ask, Plugin, Side, Syncers, Verb};
use up::Up;

struct CustomResources {
    resources: Vec<Resource>,
}

impl Plugin for CustomResources {
    type Config = Config;

    fn new(Config { resources }: Config) -> Result<Self, String> {
        for (at, resource) in resources.iter().enumerate() {
            resource.check().map_err(|why| format!("config.resources.{at}{why}"))?;
        }
        Ok(Self { resources })
    }

    fn syncers(self) -> Syncers {
        let referenced = Referenced::of(&self.resources);
        let syncers = self.resources.into_iter().fold(Syncers::new(), |syncers, resource| match resource.direction {
            Direction::Down => syncers.down(Down(resource)),
            Direction::Up => syncers.up(Up(resource)),
        });
        referenced.into_iter().fold(syncers, Syncers::down)
    }

    /// The status of what a tenant made is the tenant's.
    fn asks(&self) -> Vec<Ask> {
        let status = self.resources.iter().filter(|resource| resource.status && resource.direction == Direction::Down);
        let ask = |resource: &Resource| {
            let gvk = resource.gvk();
            Ask::new(Side::Virtual, gvk.group, gvk.kind)
                .verbs([Verb::Status])
                .namespaces(resource.select.namespaces.clone())
        };
        status.map(ask).collect()
    }
}

sluice_sdk::plugin!(impl CustomResources);
