//! What the operator lets a plugin do.

use crate::key::{Gvk, Side};

/// What may be done with a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Get, list and watch.
    Read,
    /// Create, patch and delete, of managed objects alone.
    Manage,
}

/// One permission.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// In which cluster.
    pub side: Side,
    /// Which kind.
    pub gvk: Gvk,
    /// What.
    pub access: Access,
}

/// All that one plugin may do. What is not in it is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants(Vec<Grant>);

impl Grants {
    /// What a syncer needs for its own kind: to read it on both sides, and to manage its copies in the target namespace.
    pub fn for_syncer(gvk: &Gvk) -> Self {
        let grant = |side, access| Grant { side, gvk: gvk.clone(), access };
        Self(vec![
            grant(Side::Virtual, Access::Read),
            grant(Side::Physical, Access::Read),
            grant(Side::Physical, Access::Manage),
        ])
    }

    /// Whether it is granted.
    pub fn allow(&self, side: Side, gvk: &Gvk, access: Access) -> bool {
        self.0.iter().any(|grant| grant.side == side && grant.gvk == *gvk && grant.access == access)
    }
}
