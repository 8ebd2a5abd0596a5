//! Control planes that tests share: they take seconds to start, and a test takes less.

mod sweep;

use crate::{ControlPlane, plane::AuditMark};
use anyhow::Result;
use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, Client, api::PostParams};
use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

/// Virtual control planes at a time: of 300 MB each, and the machine's cores are shared by all.
const SEATS: usize = 3;

static PHYSICAL: OnceCell<Arc<ControlPlane>> = OnceCell::const_new();
static FREE: Semaphore = Semaphore::const_new(SEATS);
static IDLE: Mutex<Vec<Arc<ControlPlane>>> = Mutex::new(Vec::new());

/// What one test works with. When it is dropped, what the test made in the virtual control plane is removed.
pub struct Lab {
    /// Made of the test's name, and unique: the name of the virtual cluster.
    pub name: String,
    /// A namespace of the physical control plane that only this test uses.
    pub target_namespace: String,
    /// The virtual control plane, this test's alone for now.
    pub virtual_plane: Arc<ControlPlane>,
    /// The physical control plane, shared with other tests.
    pub physical_plane: Arc<ControlPlane>,
    /// As whom the runtime comes to both.
    pub user: &'static str,
    /// More variables of the runtime's environment.
    pub variables: Vec<(&'static str, String)>,
    /// A client of the virtual control plane, as `admin`.
    pub virtual_client: Client,
    /// A client of the physical control plane, as `admin`.
    pub physical_client: Client,
    seat: Option<Seat>,
}

impl Lab {
    /// Takes a virtual control plane from the pool; waits while all are taken.
    ///
    /// # Errors
    /// When a control plane does not start.
    pub async fn take(test_name: &str) -> Result<Self> {
        let (physical, seat) = tokio::try_join!(physical(), Seat::take())?;
        Self::new(test_name, physical, seat.plane.clone(), Some(seat)).await
    }

    /// Starts two control planes for this test alone, for one that harms the physical one too.
    ///
    /// # Errors
    /// When a control plane does not start.
    pub async fn alone(test_name: &str) -> Result<Self> {
        let (physical, virtual_plane) =
            tokio::try_join!(ControlPlane::start("physical"), ControlPlane::start("virtual"))?;
        Self::new(test_name, physical.into(), virtual_plane.into(), None).await
    }

    async fn new(
        test_name: &str,
        physical_plane: Arc<ControlPlane>,
        virtual_plane: Arc<ControlPlane>,
        seat: Option<Seat>,
    ) -> Result<Self> {
        let name = unique(test_name);
        let physical_client = physical_plane.client().await?;
        let virtual_client = virtual_plane.client().await?;
        let mut namespace = Namespace::default();
        namespace.metadata.name = Some(name.clone());
        Api::all(physical_client.clone()).create(&PostParams::default(), &namespace).await?;
        Ok(Self {
            target_namespace: name.clone(),
            name,
            virtual_plane,
            physical_plane,
            user: "sluice",
            variables: vec![],
            virtual_client,
            physical_client,
            seat,
        })
    }

    /// Gives up both control planes, of a lab that was alone, for instance to
    /// [`keep`](ControlPlane::keep) them: first the virtual one, then the physical one.
    #[must_use]
    pub fn into_planes(self) -> Option<[ControlPlane; 2]> {
        let planes = [self.virtual_plane.clone(), self.physical_plane.clone()];
        drop(self);
        let [virtual_plane, physical_plane] = planes.map(Arc::into_inner);
        Some([virtual_plane?, physical_plane?])
    }
}

/// The right to use a virtual control plane.
struct Seat {
    plane: Arc<ControlPlane>,
    mark: AuditMark,
    _permit: SemaphorePermit<'static>,
}

impl Seat {
    async fn take() -> Result<Self> {
        let permit = FREE.acquire().await?;
        let idle = idle().pop();
        let plane = match idle {
            Some(plane) => plane,
            None => ControlPlane::start("virtual").await?.into(),
        };
        Ok(Self { mark: plane.audit_mark(), plane, _permit: permit })
    }

    /// Cleans up and lets the next one in. A control plane that cannot be cleaned is dropped, and replaced when needed.
    async fn leave(self) {
        if sweep::sweep(&self.plane, self.mark).await.is_ok() {
            idle().push(self.plane);
        }
    }
}

impl fmt::Debug for Lab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lab").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Drop for Lab {
    /// In a thread with a runtime of its own: the test's runtime may be ending, and a failed test cleans up too.
    fn drop(&mut self) {
        let Some(seat) = self.seat.take() else { return };
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| runtime.block_on(seat.leave()))
        });
    }
}

async fn physical() -> Result<Arc<ControlPlane>> {
    let started = PHYSICAL.get_or_try_init(async || ControlPlane::start("physical").await.map(Arc::new));
    Ok(started.await?.clone())
}

fn idle() -> std::sync::MutexGuard<'static, Vec<Arc<ControlPlane>>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A name that Kubernetes accepts, short since names are made from it.
fn unique(test_name: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let dashed = test_name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let short: String = dashed.take(30).collect();
    format!("{}-{}", short.trim_matches('-'), COUNT.fetch_add(1, Ordering::Relaxed))
}
