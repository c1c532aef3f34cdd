//! What a `sync_all` would cost, before it runs.
pub(crate) mod truncated;

use std::fmt;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::client::Request;
use crate::model::Model;
use crate::model::context::Origin;
use crate::object::list::integer;

use crate::sync::backfill::concurrency::concurrency_of;
use crate::sync::backfill::refusals::Refusals;
use crate::sync::backfill::run::STRIPE_OPENED;
use crate::sync::backfill::slice::density::PAGE;
use crate::sync::error::SyncError;
use crate::sync::list::expand;
use crate::sync::list::plan::lists;
use crate::sync::list::{ListTarget, Page, Pager};
use crate::sync::object::ModelRun;
use crate::sync::report::as_seconds;
use crate::sync::syncer::Syncer;
use truncated::TruncatedEstimate;

/// Moments at which the density of a list is probed.
const PROBES: i64 = 8;
/// Requests besides those of lists: events, and the account.
const BESIDES: u64 = 2;

/// What a `sync_all` would cost, about.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Plan {
    /// The struct's name.
    pub model: String,
    /// Objects that the lists show; a lower bound where `exact` and `estimated` are false.
    pub objects: u64,
    /// Requests to Stripe; with children of parents one at least for each parent. Those for the rest of lists inside
    /// objects are among them, as far as a few of these lists tell.
    pub requests: u64,
    /// How long, at the budget's rate and the probes' latency.
    #[serde(serialize_with = "as_seconds", rename = "duration_seconds")]
    pub duration: Duration,
    /// Whether everything was counted and nothing estimated.
    pub exact: bool,
    /// Whether the number of objects is an estimate from the density of the lists over time. A list without a `created`
    /// filter has none: its first page is a lower bound.
    pub estimated: bool,
    /// The models whose rows are elements of lists inside the objects. They come with these, for no request of their own.
    pub children: Vec<String>,
    /// Members that each request for objects asks Stripe to expand. They cost no request; Stripe takes longer for the response.
    pub expanded: usize,
    /// Requests that the plan itself took.
    pub probes: u64,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = match (self.exact, self.estimated) {
            (true, _) => "",
            (false, true) => "about ",
            (false, false) => "at least ",
        };
        write!(
            f,
            "{}: {about}{} objects, {about}{} requests, {about}{:.0} s",
            self.model,
            self.objects,
            self.requests,
            self.duration.as_secs_f64()
        )?;
        match self.expanded {
            0 => {}
            1 => f.write_str(", 1 member expanded")?,
            expanded => write!(f, ", {expanded} members expanded")?,
        }
        match self.children.is_empty() {
            true => Ok(()),
            false => write!(f, ", with their {}", self.children.join(", ")),
        }
    }
}

/// What was learned of one list.
#[derive(Debug, Clone, Copy)]
struct Counted {
    objects: f64,
    exact: bool,
    estimated: bool,
}

pub(crate) async fn plan(syncer: &Syncer, model: &'static Model) -> Result<Plan, SyncError> {
    let model = syncer.resolved(model);
    syncer.store().check_derived(model)?;
    let learned = syncer.learned().await?;
    let lists = lists(model, learned.scope.livemode)?;
    let mut probing = Probing {
        run: ModelRun::new(syncer, model, learned.scope.clone(), Origin::Backfill),
        floor: learned.created.unwrap_or(STRIPE_OPENED),
        waited: Duration::ZERO,
        truncated: TruncatedEstimate::default(),
    };
    let mut plan = Plan {
        model: model.name().to_owned(),
        objects: 0,
        requests: BESIDES,
        duration: Duration::ZERO,
        exact: true,
        estimated: true,
        children: model
            .descendants()
            .iter()
            .map(|child| child.name().to_owned())
            .collect(),
        expanded: expand::paths(model).len(),
        probes: 0,
    };
    let mut endpoint = None;
    let mut refusals = Refusals::default();
    for list in &lists {
        probing.truncated = TruncatedEstimate::default();
        let counted = match probing.count(list).await {
            // The run would do without it, too.
            Err(SyncError::Stripe(error)) if refusals.take(list, &lists, &error) => continue,
            counted => counted?,
        };
        let objects = whole(counted.objects);
        let pages = objects.div_ceil(PAGE.unsigned_abs()).max(1);
        if list.keeps(model).is_some() {
            plan.objects += whole(probing.truncated.rows(counted.objects));
            plan.exact &= matches!(list.target, ListTarget::Rows) || counted.exact;
            plan.requests += pages + whole(probing.truncated.requests(counted.objects));
            plan.exact &= probing.truncated.is_exact();
            plan.estimated &= !probing.truncated.endless;
        } else {
            // One list for each parent, whose rows nobody knows before.
            plan.requests += pages + objects;
            plan.estimated &= objects == 0;
            plan.exact &= objects == 0;
        }
        plan.exact &= counted.exact;
        plan.estimated &= counted.exact || counted.estimated;
        endpoint.get_or_insert_with(|| list.request());
    }
    plan.probes = probing.run.reader.meter.snapshot().requests;
    plan.duration = probing.duration(plan.requests, endpoint.as_ref());
    Ok(plan)
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of objects that is rounded"
)]
fn whole(count: f64) -> u64 {
    count.round().max(0.0) as u64
}

struct Probing<'s> {
    run: ModelRun<'s>,
    floor: i64,
    /// For Stripe, added up.
    waited: Duration,
    /// The lists inside the objects of the list that is probed.
    truncated: TruncatedEstimate,
}

/// What a probe of a list showed.
#[derive(Debug, Clone, Copy)]
struct Probe {
    objects: usize,
    has_more: bool,
    /// `created` of the last object.
    oldest: Option<i64>,
}

impl Probing<'_> {
    async fn probe(&mut self, list: &Pager) -> Result<Probe, SyncError> {
        let began = Instant::now();
        let reader = &self.run.reader;
        let response = reader.get(list.request()).await?;
        let page = Page::of(&list.path, &response)?;
        if let Some(keeps) = list.keeps(self.run.model) {
            let look = self.truncated.look(reader, keeps, &page.objects);
            look.await?;
        }
        self.waited += began.elapsed();
        let last = page.objects.last();
        let oldest = last.zip(list.created).and_then(|(object, field)| {
            integer(std::str::from_utf8(object).unwrap_or_default(), field)
        });
        Ok(Probe {
            objects: page.objects.len(),
            has_more: page.has_more,
            oldest,
        })
    }

    /// Counts what one page holds, or estimates what several moments show.
    async fn count(&mut self, list: &Pager) -> Result<Counted, SyncError> {
        let head = self.probe(list).await?;
        let shown = head.objects as f64;
        let (Some(newest), true) = (head.oldest, head.has_more) else {
            return Ok(Counted {
                objects: shown,
                exact: !head.has_more,
                estimated: false,
            });
        };
        // Between two probes the density is taken for the mean of both.
        let step = (newest - self.floor) / PROBES;
        let mut objects = shown;
        let mut above = 0.0;
        for number in 0..PROBES {
            let moment = newest - step * number;
            let mut window = list.clone();
            window.until = Some(moment);
            let probe = self.probe(&window).await?;
            let span = match probe.oldest {
                Some(oldest) if probe.has_more => moment - oldest,
                _ => moment - self.floor,
            };
            let density = probe.objects as f64 / span.max(1) as f64;
            if number > 0 {
                objects += f64::midpoint(above, density) * step as f64;
            }
            if !probe.has_more {
                objects += probe.objects as f64;
                break;
            }
            // The last part, below the last probe, is as dense as that.
            if number == PROBES - 1 {
                objects += density * step as f64;
            }
            above = density;
        }
        Ok(Counted {
            objects,
            exact: false,
            estimated: true,
        })
    }

    fn duration(&self, requests: u64, endpoint: Option<&Request>) -> Duration {
        let probes = self.run.reader.meter.snapshot().requests.max(1) as f64;
        let latency = self.waited.as_secs_f64() / probes;
        let by_latency = requests as f64 * latency / concurrency_of(requests) as f64;
        let by_rate = endpoint.map_or(0.0, |request| {
            let pressure = self.run.syncer.stripe().pressure(request);
            let rate = pressure
                .endpoint
                .rate_target
                .min(pressure.account.rate_target);
            requests as f64 / rate
        });
        Duration::try_from_secs_f64(by_latency.max(by_rate)).unwrap_or(Duration::MAX)
    }
}
