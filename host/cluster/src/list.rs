//! All objects of a kind, once.

use kube::api::ListParams;
use sluice_core::key::Gvk;
use sluice_core::object::Object;

use crate::cluster::Cluster;
use crate::failure::{REQUEST, status, within, words};
use crate::resource::ResourceError;
use crate::watch::PAGE;

impl Cluster {
    /// All objects of a kind that a label selector chooses (empty: all), in all namespaces or one, as they are now.
    ///
    /// # Errors
    /// The kind is not served, or a page of 500 is not answered within 30 s. A list in part is no list.
    pub async fn list(&self, gvk: &Gvk, namespace: Option<&str>, labels: &str) -> Result<Vec<Object>, ResourceError> {
        let unknown = |cause| ResourceError::Unknown { side: self.side(), gvk: gvk.clone(), cause };
        let api = self.resource(gvk).await?.objects(self, namespace);
        let mut params = ListParams::default().limit(PAGE);
        if !labels.is_empty() {
            params = params.labels(labels);
        }
        let mut objects = Vec::new();
        loop {
            let page = match within(REQUEST, api.list(&params)).await {
                Ok(page) => page,
                Err(error) if status(&error) == Some(404) => {
                    // What was remembered is no longer so.
                    self.forget(gvk).await;
                    return Err(ResourceError::NotServed { side: self.side(), gvk: gvk.clone() });
                }
                Err(error) => return Err(unknown(words(&error))),
            };
            for raw in &page.items {
                objects.push(Object::parse(gvk, raw.json()).map_err(|error| unknown(error.to_string()))?);
            }
            match page.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => params.continue_token = Some(token),
                None => return Ok(objects),
            }
        }
    }
}
