//! Kinds without namespaces, down and up.

mod cluster_roles;
mod storage_classes;
