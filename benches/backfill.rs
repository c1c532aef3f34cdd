//! A backfill from the fake Stripe into PostgreSQL: at Stripe's limits, without them, and its memory.
//!
//! The clock runs from the start of `sync_all` to its end. Each run has a process and a database of its own.

use std::path::Path;

use stripe_sync_benches::backfill::client::mirror;
use stripe_sync_benches::backfill::fake::{Fake, Manner, Requests};
use stripe_sync_benches::backfill::{Outcome, PAGE, Resource, Source, Task, run, task};
use stripe_sync_benches::customers::Failed;
use stripe_sync_benches::database::{Database as _, Postgres};
use stripe_sync_benches::rounds::{median, setting, verdict};

/// Objects a second that Stripe's limit of one endpoint allows: 25 pages of 100.
const ONE_RESOURCE: f64 = 2_500.0;
/// Objects a second that Stripe's limit of a live account allows: 100 pages of 100.
const FOUR_RESOURCES: f64 = 10_000.0;
/// The least share of these that is to be reached.
const SPEED_GOAL: f64 = 0.95;
/// The objects of a run that is short: its beginning and its end count.
const FEW: usize = 10_000;
/// The least share of what Stripe allows that a short run is to reach.
const FEW_GOAL: f64 = 0.92;
/// Objects a second that are to be reached at Stripe's latency without its limits, if the processors allow it.
const RAISED_GOAL: f64 = 20_000.0;
/// The share of all cores that client, database and fake have to keep busy where they do not.
const BUSY_GOAL: f64 = 0.9;
/// The most requests, as a multiple of full pages.
const REQUESTS_GOAL: f64 = 1.05;
/// The largest share of requests that may be answered with 429.
const REFUSED_GOAL: f64 = 0.01;
/// The most memory of the client.
const MEMORY_GOAL_MIB: f64 = 100.0;
/// How much more memory ten times the objects may take: the noise of an allocator.
const SAME_MEMORY: f64 = 1.1;
/// How many times the objects the second run of the memory scenario has.
const TIMES_MORE: usize = 10;

/// Counts what is held: the system's count has what the allocator keeps beside, which differs from run to run.
#[global_allocator]
static HELD: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

/// A run, and what the fake has to say of it.
struct Figures {
    outcome: Outcome,
    requests: Requests,
    least_requests: u64,
    fake_cpu: f64,
}

fn main() -> Result<(), Failed> {
    if let Some(task) = task()? {
        // As an application would: a thread for each core.
        let runtime = tokio::runtime::Runtime::new()?;
        let mut outcome = runtime.block_on(mirror(&task))?;
        outcome.held_kib = (HELD.peak_usage_as_kb() as f64).ceil() as u64;
        println!("{}", serde_json::to_string(&outcome)?);
        return Ok(());
    }
    if !stripe_sync_benches::asked_for() {
        return Ok(());
    }
    let objects = setting("BENCH_OBJECTS", 100_000)?;
    let rounds = setting("BENCH_ROUNDS", 3)?.max(1);
    let usual = match setting("BENCH_MILLION", 0)? {
        0 => "one,four,small,raised,unlimited",
        _ => "one,four,small,raised,unlimited,memory",
    };
    let only = std::env::var("BENCH_SCENARIOS").unwrap_or_else(|_| usual.to_owned());
    println!(
        "{objects} objects of each resource into PostgreSQL, {} cores",
        cores()
    );
    for scenario in only.split(',') {
        match scenario.trim() {
            "one" => at_the_limit(
                "one resource, 100 ms, 25 requests/s of an endpoint and 100/s in all",
                &[Resource::Customer],
                objects,
                ONE_RESOURCE,
            )?,
            "four" => at_the_limit(
                "four resources at once, 100 ms, 25 requests/s of an endpoint and 100/s in all",
                &Resource::ALL,
                objects,
                FOUR_RESOURCES,
            )?,
            "small" => small(rounds)?,
            "raised" => raised(objects, rounds)?,
            "unlimited" => unlimited(objects, rounds)?,
            "memory" => memory(objects)?,
            other => {
                let known = "one, four, small, raised, unlimited and memory";
                let error = format!("BENCH_SCENARIOS may name {known}, and names `{other}`");
                return Err(error.into());
            }
        }
    }
    Ok(())
}

fn at_the_limit(
    name: &str,
    resources: &[Resource],
    objects: usize,
    allowed: f64,
) -> Result<(), Failed> {
    let figures = measure(resources, objects, Manner::LikeStripe, Source::AtTheLimit)?;
    let share = print_speed(name, &figures) / allowed;
    println!(
        "  of the {allowed:.0} objects/s that Stripe allows {share:>10.3}   {} (goal {SPEED_GOAL})",
        verdict(share >= SPEED_GOAL)
    );
    print_requests(&figures);
    print_memory(&figures.outcome);
    print_cpu(&figures);
    Ok(())
}

/// Short runs at Stripe's limits, of which the median counts.
fn small(rounds: usize) -> Result<(), Failed> {
    let (manner, source) = (Manner::LikeStripe, Source::AtTheLimit);
    let mut fake = start(&[Resource::Customer], FEW, manner)?;
    let mut shares = Vec::new();
    for round in 1..=rounds {
        let figures = measure_on(&mut fake, &[Resource::Customer], FEW, source)?;
        let name = format!("one resource at the limits of `one`, round {round} of {rounds}");
        shares.push(print_speed(&name, &figures) / ONE_RESOURCE);
        print_requests(&figures);
        print_memory(&figures.outcome);
        print_cpu(&figures);
    }
    let share = median(shares);
    println!(
        "\n{FEW} objects: {share:.3} of the {ONE_RESOURCE:.0} objects/s that Stripe allows   {} (goal {FEW_GOAL})",
        verdict(share >= FEW_GOAL)
    );
    Ok(())
}

/// Stripe's latency without its limits: what a raised limit is worth, or the machine.
fn raised(objects: usize, rounds: usize) -> Result<(), Failed> {
    let mut fake = start(&[Resource::Customer], objects, Manner::Slow)?;
    let (mut speeds, mut shares) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        let figures = measure_on(&mut fake, &[Resource::Customer], objects, Source::Unlimited)?;
        let name = format!("one resource, 100 ms, no limits, round {round} of {rounds}");
        speeds.push(print_speed(&name, &figures));
        print_requests(&figures);
        print_memory(&figures.outcome);
        print_cpu(&figures);
        shares.push(busy(&figures) / cores() as f64);
    }
    let (speed, share) = (median(speeds), median(shares));
    println!(
        "\n100 ms, no limits: {speed:.0} objects/s, {share:.2} of the cores busy   {} (goal {RAISED_GOAL:.0}, or {BUSY_GOAL})",
        verdict(speed >= RAISED_GOAL || share >= BUSY_GOAL)
    );
    Ok(())
}

fn unlimited(objects: usize, rounds: usize) -> Result<(), Failed> {
    let mut fake = start(&[Resource::Customer], objects, Manner::AtOnce)?;
    let (mut shares, mut speeds) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        let whole = measure_on(&mut fake, &[Resource::Customer], objects, Source::Unlimited)?;
        let alone = measure_on(&mut fake, &[Resource::Customer], objects, Source::Memory)?;
        let name = format!("one resource, no latency, no limits, round {round} of {rounds}");
        let speed = print_speed(&name, &whole);
        let alone = alone.outcome.rows as f64 / alone.outcome.seconds;
        println!("  from memory, without HTTP            {alone:>10.0} objects/s");
        print_memory(&whole.outcome);
        print_cpu(&whole);
        speeds.push(speed);
        shares.push(speed / alone);
    }
    println!(
        "\nno latency, no limits: {:.0} objects/s, {:.2} of what the same pages from memory reach",
        median(speeds),
        median(shares)
    );
    Ok(())
}

fn memory(objects: usize) -> Result<(), Failed> {
    let mut peaks = Vec::new();
    for count in [objects, objects * TIMES_MORE] {
        let figures = measure(
            &[Resource::Customer],
            count,
            Manner::LikeStripe,
            Source::AtTheLimit,
        )?;
        print_speed(
            "one resource, 100 ms, 25 requests/s of an endpoint and 100/s in all",
            &figures,
        );
        print_memory(&figures.outcome);
        print_cpu(&figures);
        peaks.push(figures.outcome.peak_kib as f64);
    }
    if let [few, many] = peaks[..] {
        let more = many / few;
        println!(
            "\npeak memory of {TIMES_MORE} times the objects: {more:.2} x   {} (goal {SAME_MEMORY})",
            verdict(more <= SAME_MEMORY)
        );
    }
    Ok(())
}

fn start(resources: &[Resource], objects: usize, manner: Manner) -> Result<Fake, Failed> {
    let program = Path::new(env!("CARGO_BIN_EXE_fake_stripe"));
    Fake::start(program, resources, objects, manner)
}

fn measure(
    resources: &[Resource],
    objects: usize,
    manner: Manner,
    source: Source,
) -> Result<Figures, Failed> {
    let mut fake = start(resources, objects, manner)?;
    measure_on(&mut fake, resources, objects, source)
}

/// One run into a database that is made for it.
fn measure_on(
    fake: &mut Fake,
    resources: &[Resource],
    objects: usize,
    source: Source,
) -> Result<Figures, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let database = runtime.block_on(Postgres::create())?;
    let before = fake.requests()?;
    let fake_cpu = fake.cpu_time();
    let outcome = run(&Task {
        url: fake.url.clone(),
        key: fake.key.clone(),
        database: database.name().to_owned(),
        resources: resources.to_vec(),
        source,
    });
    let fake_cpu = fake.cpu_time().saturating_sub(fake_cpu).as_secs_f64();
    let after = fake.requests()?;
    runtime.block_on(database.remove())?;
    let outcome = outcome?;
    let expected = (objects * resources.len()) as u64;
    if outcome.rows != expected {
        return Err(format!("{} of {expected} rows are there", outcome.rows).into());
    }
    Ok(Figures {
        outcome,
        requests: Requests {
            requests: after.requests - before.requests,
            refused: after.refused - before.refused,
        },
        least_requests: (objects as u64).div_ceil(PAGE) * resources.len() as u64,
        fake_cpu,
    })
}

/// Prints the speed under the scenario's name, and answers it.
fn print_speed(name: &str, figures: &Figures) -> f64 {
    let Outcome { rows, seconds, .. } = figures.outcome;
    let speed = rows as f64 / seconds;
    println!("\n{name}");
    println!(
        "  {rows} objects in {seconds:.1} s, {} requests {speed:>10.0} objects/s",
        figures.requests.requests
    );
    speed
}

fn print_requests(figures: &Figures) {
    let requests = figures.requests.requests as f64 / figures.least_requests as f64;
    println!(
        "  requests over the least possible, {:>7} {requests:>10.3}   {} (goal {REQUESTS_GOAL})",
        figures.least_requests,
        verdict(requests <= REQUESTS_GOAL)
    );
    let refused = figures.requests.refused as f64 / figures.requests.requests.max(1) as f64;
    println!(
        "  share of requests answered 429            {refused:>10.4}   {} (goal {REFUSED_GOAL})",
        verdict(refused <= REFUSED_GOAL)
    );
}

fn print_memory(outcome: &Outcome) {
    let peak = outcome.peak_kib as f64 / 1024.0;
    println!(
        "  peak memory of the client, MiB            {peak:>10.1}   {} (goal {MEMORY_GOAL_MIB})",
        verdict(peak < MEMORY_GOAL_MIB)
    );
    let held = outcome.held_kib as f64 / 1024.0;
    println!("  of this held at one time, MiB             {held:>10.1}");
}

/// How many cores each process kept busy: where their sum is the machine's, the CPU is the limit.
fn print_cpu(figures: &Figures) {
    let outcome = &figures.outcome;
    let busy = |cpu: f64| format!("{:.2}", cpu / outcome.seconds);
    println!(
        "  cores busy, of {}: client {}, PostgreSQL's connections {}, the fake {}",
        cores(),
        busy(outcome.cpu),
        outcome
            .database_cpu
            .map_or_else(|| "unknown".to_owned(), busy),
        busy(figures.fake_cpu)
    );
}

/// The cores that client, database and fake kept busy together.
fn busy(figures: &Figures) -> f64 {
    let outcome = &figures.outcome;
    let cpu = outcome.cpu + outcome.database_cpu.unwrap_or_default() + figures.fake_cpu;
    cpu / outcome.seconds
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
