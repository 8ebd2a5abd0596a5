use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::imports::sluice::plugin::intents::Call;
use crate::bindings::imports::sluice::plugin::{config, metadata};
use crate::init::timestamp;
use crate::{Answer, Form, Intents, Key, Physical, Side, Virtual, Whole};

mod carry;
mod metadata_update;

type Map = BTreeMap<String, String>;

/// One call: its time, where it runs, and the runtime's translation between the clusters.
///
/// The translations do not fail. They panic where the runtime breaks the contract, which ends this call alone.
#[derive(Clone, Debug)]
pub struct Context {
    now: u64,
    attempt: u32,
}

impl Context {
    pub(crate) fn new(call: &Call) -> Self {
        Self { now: call.now, attempt: call.attempt }
    }

    /// The time of the call. There is no other clock.
    pub fn now(&self) -> Timestamp {
        timestamp(self.now)
    }

    /// 1, and one more for each failure of this pair since its last success.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The name of the virtual cluster.
    pub fn virtual_cluster(&self) -> String {
        config::here().virtual_cluster
    }

    /// The physical namespace that copies go to.
    pub fn namespace(&self) -> String {
        config::here().namespace
    }

    /// A copy of the virtual object with the metadata of its physical form: name, namespace, labels and annotations
    /// translated, the runtime's markers added; uid, resourceVersion, owners, finalizers and the like left out.
    pub fn translate_metadata<T: Whole>(&self, virtual_object: &Virtual<T>) -> T {
        with_metadata(virtual_object, &metadata::translate(virtual_object.handle().raw(), None))
    }

    /// The other way: a copy of the physical object with the metadata of its virtual form.
    pub fn translate_metadata_up<T: Whole>(&self, physical: &Physical<T>) -> T {
        with_metadata(physical, &metadata::translate_up(physical.handle().raw(), None))
    }

    /// A map of labels, such as the selector of a Service.
    pub fn translate_labels(&self, labels: &Map) -> Map {
        translate(metadata::translate_labels, labels)
    }

    /// A selector of the copies of what this one selects, in every virtual namespace.
    pub fn translate_label_selector(&self, selector: &LabelSelector) -> LabelSelector {
        translate(metadata::translate_label_selector, selector)
    }

    /// The inverse of [`Self::translate_label_selector`].
    pub fn translate_label_selector_up(&self, selector: &LabelSelector) -> LabelSelector {
        translate(metadata::translate_label_selector_up, selector)
    }

    /// Where the copy of a virtual object stands, whether it exists or not.
    pub fn physical_key(&self, virtual_key: &Key) -> Key {
        metadata::physical_key(virtual_key)
    }

    /// Asks for this physical object. The runtime sets what makes it this pair's: name, namespace, markers, owner.
    ///
    /// # Errors
    /// The object has no JSON.
    pub fn sync_down_create(&self, form: impl Form) -> Answer {
        Ok(Intents::none().desire(Side::Physical, form.body()?))
    }

    /// Asks for this change of the physical object; `None`: nothing changed, nothing is written.
    ///
    /// # Errors
    /// The object has no JSON.
    pub fn sync_down_update(&self, form: Option<impl Form>) -> Answer {
        form.map_or_else(|| Ok(Intents::none()), |form| self.sync_down_create(form))
    }

    /// Asks for this virtual object.
    ///
    /// # Errors
    /// The object has no JSON.
    pub fn sync_up_create(&self, form: impl Form) -> Answer {
        Ok(Intents::none().desire(Side::Virtual, form.body()?))
    }

    /// Asks for this change of the virtual object; `None`: nothing changed, nothing is written.
    ///
    /// # Errors
    /// The object has no JSON.
    pub fn sync_up_update(&self, form: Option<impl Form>) -> Answer {
        form.map_or_else(|| Ok(Intents::none()), |form| self.sync_up_create(form))
    }
}

fn with_metadata<T: Whole>(object: &T, metadata: &str) -> T {
    let mut copy = object.clone();
    copy.set_metadata(metadata).expect("the runtime gives metadata");
    copy
}

fn translate<T: Serialize + DeserializeOwned>(by: impl FnOnce(&str) -> Result<String, String>, value: &T) -> T {
    let json = serde_json::to_string(value).expect("labels and selectors have JSON");
    parse(&by(&json).expect("labels and selectors translate"))
}

fn parse<T: DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).expect("the runtime gives what the contract says")
}
