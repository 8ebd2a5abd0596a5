//! What a guest may ask while it is called: its config, and the translation.

use serde_json::Value;
use sluice_core::key::{Gvk, Side};
use sluice_core::translate::Metadata;
use wasmtime::component::Resource;
use wasmtime::{Result, bail};

use crate::bindings::v0_1::sluice::plugin::{config, intents, metadata, objects};
use crate::handle::{Handle, key_in, key_out};
use crate::state::{PARSED, State};

impl intents::Host for State {}

impl config::Host for State {
    fn get(&mut self) -> Result<String> {
        self.pay(self.setting.config.len())?;
        Ok(self.setting.config.clone())
    }

    fn here(&mut self) -> Result<config::Place> {
        Ok(config::Place {
            plugin: self.setting.plugin.clone(),
            virtual_cluster: self.setting.translator.name().into(),
            namespace: self.setting.translator.namespace().into(),
        })
    }
}

impl State {
    /// The metadata of an object of that side.
    fn metadata(&mut self, side: Side, object: &Resource<Handle>) -> Result<(Metadata, std::sync::Arc<Gvk>)> {
        let handle = self.object(object, PARSED)?;
        if handle.side != side {
            bail!("it gave a {} object where a {side} one belongs", handle.side);
        }
        Ok((Metadata::of(&handle.object.json)?, handle.gvk))
    }
}

impl metadata::Host for State {
    fn physical_key(&mut self, virtual_: objects::Key) -> Result<objects::Key> {
        self.pay(virtual_.name.len() + virtual_.namespace.as_deref().map_or(0, str::len))?;
        Ok(key_out(&self.setting.translator.physical_key(&key_in(&virtual_))))
    }

    fn translate(&mut self, virtual_: Resource<Handle>, physical: Option<Resource<Handle>>) -> Result<String> {
        let (virtual_, gvk) = self.metadata(Side::Virtual, &virtual_)?;
        let physical = physical.map(|physical| self.metadata(Side::Physical, &physical)).transpose()?;
        let physical = physical.as_ref().map(|(metadata, _)| metadata);
        Ok(serde_json::to_string(&self.setting.translator.metadata_down(&gvk, &virtual_, physical))?)
    }

    fn translate_up(&mut self, physical: Resource<Handle>, virtual_: Option<Resource<Handle>>) -> Result<String> {
        let (physical, gvk) = self.metadata(Side::Physical, &physical)?;
        let virtual_ = virtual_.map(|virtual_| self.metadata(Side::Virtual, &virtual_)).transpose()?;
        let virtual_ = virtual_.as_ref().map(|(metadata, _)| metadata);
        Ok(serde_json::to_string(&self.setting.translator.metadata_up(&gvk, &physical, virtual_))?)
    }

    fn translate_labels(&mut self, labels: String) -> Result<Result<String, String>> {
        self.pay(labels.len().saturating_mul(PARSED))?;
        Ok(serde_json::from_str(&labels)
            .and_then(|labels| serde_json::to_string(&self.setting.translator.label_map_down(&labels)))
            .map_err(|error| format!("not a map of labels: {error}")))
    }

    fn translate_label_selector(&mut self, selector: String) -> Result<Result<String, String>> {
        self.selector(&selector, |state, selector| state.setting.translator.selector_down(selector))
    }

    fn translate_label_selector_up(&mut self, selector: String) -> Result<Result<String, String>> {
        self.selector(&selector, |state, selector| state.setting.translator.selector_up(selector))
    }
}

impl State {
    fn selector(&mut self, text: &str, translate: impl Fn(&Self, Value) -> Value) -> Result<Result<String, String>> {
        self.pay(text.len().saturating_mul(PARSED))?;
        Ok(match serde_json::from_str::<Value>(text) {
            Ok(selector) if selector.is_object() => Ok(translate(self, selector).to_string()),
            Ok(_) => Err("not a LabelSelector: no JSON object".into()),
            Err(error) => Err(format!("not a LabelSelector: {error}")),
        })
    }
}
