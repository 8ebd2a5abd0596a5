//! A kind of one's own: every Car of the virtual cluster has a copy in the physical one, where its controller works.
//! Its spec goes down, its status comes up, and finalizers of either side hold both. The CustomResourceDefinition
//! (`crd.yaml`) need only be in one of the clusters: the other gets a copy.

use sluice_sdk::k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use sluice_sdk::serde::{Deserialize, Serialize};
use sluice_sdk::{Answer, Ask, Context, Failure, Physical, Plugin, Side, Syncer, Syncers, Verb, Virtual};

/// Without its status, which is never made here but only carried.
#[derive(Clone, Serialize, Deserialize)]
#[serde(crate = "sluice_sdk::serde")]
struct Car {
    metadata: ObjectMeta,
    spec: CarSpec,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(crate = "sluice_sdk::serde")]
struct CarSpec {
    #[serde(rename = "type")]
    model: String,
    seats: u32,
}

sluice_sdk::custom_resource!(Car: "example.loft.sh", "v1", "Car", "cars");

struct Cars;

impl Syncer for Cars {
    type Object = Car;
    const NAME: &'static str = "cars";

    fn finalizers(&self) -> bool {
        true
    }

    fn crd(&self) -> Option<String> {
        Some("cars.example.loft.sh".into())
    }

    fn translate(&self, ctx: &Context, virtual_object: &Virtual<Car>) -> Result<Car, Failure> {
        Ok(ctx.translate_metadata(virtual_object))
    }

    fn sync(&self, ctx: &Context, physical: &Physical<Car>, virtual_object: &Virtual<Car>) -> Answer {
        Ok(ctx.carry_down(physical, virtual_object, ["/spec"])?.copy_status_up(physical, virtual_object))
    }
}

impl Plugin for Cars {
    type Config = ();

    fn new((): ()) -> Result<Self, String> {
        Ok(Self)
    }

    fn syncers(self) -> Syncers {
        Syncers::new().down(self)
    }

    /// A virtual Car is its user's, so the operator has a say in that its status is written.
    fn asks(&self) -> Vec<Ask> {
        vec![Ask::new(Side::Virtual, "example.loft.sh", "Car").verbs([Verb::Status])]
    }
}

sluice_sdk::plugin!(impl Cars);
