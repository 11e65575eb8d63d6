//! Maps inside maps, from every place where code of the user runs.

use pasha::functor::{Functor, Item, Items};
use pasha::{Context, Ix0, SharedArray};
use pasha_tests::support::Setting;

cases![
    a_kernel_maps_with_its_own_context,
    a_kernel_maps_with_a_context_of_every_kind,
    a_kernel_maps_from_a_thread_of_its_own,
    a_kernel_calls_itself,
    a_functor_maps,
    a_scratch_closure_and_its_drop_map,
    nested_maps_have_per_worker_arrays_of_their_own,
    several_maps_run_at_once,
    a_kernel_replaces_the_default_context,
    a_kernel_lends_its_slots_to_threads_of_its_own,
];

const ITEMS: usize = 24;

#[pasha::kernel]
fn square(_worker_id: usize, _index: usize, item: u64, #[out] squared: &mut u64, #[reduce(sum)] sum: &mut u64) {
    *squared = item * item;
    *sum += item;
}

/// The sum of squares below 100, and of the numbers, by a map.
fn sums(ctx: &Context) -> pasha::Result<(u64, u64)> {
    let mut squared = ctx.alloc::<u64>().shape(100).build()?;
    let mut sum: SharedArray<u64, Ix0> = ctx.alloc().shape(()).build()?;
    ctx.map(square { squared: &mut squared, sum: &mut sum }, 0..100)?;
    Ok((squared.sum(), sum[()]))
}

const SUMS: (u64, u64) = (328_350, 4950);

#[pasha::kernel]
fn map_inside(
    _worker_id: usize,
    _index: usize,
    _item: usize,
    #[param] ctx: &Context,
    #[out] good: &mut u8,
) -> Result<(), pasha::Error> {
    *good = u8::from(sums(ctx)? == SUMS);
    Ok(())
}

#[track_caller]
fn all_good(setting: &Setting, inner: &Context) {
    let ctx = setting.ctx();
    let mut good = ctx.alloc::<u8>().shape(ITEMS).build().unwrap();
    ctx.map(map_inside { ctx: inner, good: &mut good }, 0..ITEMS).unwrap();
    assert!(good.iter().all(|good| *good == 1), "{good:?}");
}

fn a_kernel_maps_with_its_own_context(setting: &Setting) {
    all_good(setting, setting.ctx());
}

fn a_kernel_maps_with_a_context_of_every_kind(setting: &Setting) {
    all_good(setting, &Context::serial());
    all_good(setting, &Context::processes().workers(2).build().unwrap());
    if !setting.kind.is_elsewhere() {
        all_good(setting, &Context::threads().workers(2).build().unwrap());
    }

    #[pasha::kernel]
    fn make_one_inside(
        _worker_id: usize,
        _index: usize,
        _item: usize,
        #[out] good: &mut u8,
    ) -> Result<(), pasha::Error> {
        let made = ["threads:2", "processes:2", "serial"].map(str::parse::<Context>);
        *good = 1;
        for ctx in made {
            *good &= u8::from(sums(&ctx?)? == SUMS);
        }
        Ok(())
    }

    let ctx = setting.ctx();
    let mut good = ctx.alloc::<u8>().shape(ITEMS).build().unwrap();
    ctx.map(make_one_inside { good: &mut good }, 0..ITEMS).unwrap();
    assert!(good.iter().all(|good| *good == 1), "{good:?}");
}

fn a_kernel_maps_from_a_thread_of_its_own(setting: &Setting) {
    #[pasha::kernel]
    fn map_beside(_worker_id: usize, _index: usize, _item: usize, #[param] ctx: &Context, #[out] good: &mut u8) {
        let sums = std::thread::scope(|scope| scope.spawn(|| sums(ctx)).join()).unwrap();
        *good = u8::from(sums.unwrap() == SUMS);
    }

    // Threads of another pool: those of this one are busy with waiting for it.
    let inner = setting.with_workers(setting.ctx().workers());
    let ctx = setting.ctx();
    let mut good = ctx.alloc::<u8>().shape(ITEMS).build().unwrap();
    ctx.map(map_beside { ctx: &inner, good: &mut good }, 0..ITEMS).unwrap();
    assert!(good.iter().all(|good| *good == 1), "{good:?}");
}

fn a_kernel_calls_itself(setting: &Setting) {
    #[pasha::kernel]
    fn count_down(_worker_id: usize, _index: usize, item: u64, #[out] sum: &mut u64, #[scratch] depth: &mut Vec<u64>) {
        depth.push(item);
        if item > 0 {
            count_down(0, 0, item - 1, sum, depth);
        }
        *sum += depth.pop().unwrap_or(0);
    }

    let ctx = setting.ctx();
    let mut sum = ctx.alloc::<u64>().shape(ITEMS).build().unwrap();
    ctx.map(count_down { sum: &mut sum, depth: Vec::new }, 0..ITEMS as u64).unwrap();
    assert!(sum.iter().enumerate().all(|(item, sum)| *sum == (item * (item + 1) / 2) as u64));
}

/// Maps for its length, for its state and for every item.
struct Mapping<'c>(&'c Context);

impl Items<'_> for Mapping<'_> {
    type Item = u64;
}

impl Functor for Mapping<'_> {
    type State = u64;

    fn items(&self) -> pasha::Result<usize> {
        Ok(sums(self.0)?.1 as usize % 100)
    }

    fn state(&self) -> pasha::Result<u64> {
        Ok(sums(self.0)?.0)
    }

    fn item<'a>(&'a self, state: &'a mut u64, index: usize) -> pasha::Result<Item<'a, Self>> {
        Ok(*state - sums(self.0)?.0 + index as u64)
    }
}

fn a_functor_maps(setting: &Setting) {
    let ctx = setting.ctx();
    let mut squared = ctx.alloc::<u64>().shape(50).build().unwrap();
    let mut sum = ctx.alloc::<u64>().shape(()).build().unwrap();
    ctx.map(square { squared: &mut squared, sum: &mut sum }, Mapping(ctx)).unwrap();
    assert_eq!(squared[49], 49 * 49);
    assert_eq!(sum[()], 49 * 50 / 2);
}

fn a_scratch_closure_and_its_drop_map(setting: &Setting) {
    struct Mapper<'c>(&'c Context);

    impl Drop for Mapper<'_> {
        fn drop(&mut self) {
            assert_eq!(sums(self.0).unwrap(), SUMS);
        }
    }

    #[pasha::kernel]
    fn use_it<'c>(
        _worker_id: usize,
        _index: usize,
        _item: u64,
        #[scratch] mapper: &mut Mapper<'c>,
        #[out] good: &mut u8,
    ) {
        *good = u8::from(sums(mapper.0).is_ok());
    }

    let ctx = setting.ctx();
    let mut good = ctx.alloc::<u8>().shape(ITEMS).build().unwrap();
    let mapper = || {
        assert_eq!(sums(ctx).unwrap(), SUMS);
        Mapper(ctx)
    };
    ctx.map(use_it { mapper, good: &mut good }, 0..ITEMS as u64).unwrap();
    assert!(good.iter().all(|good| *good == 1));
}

fn nested_maps_have_per_worker_arrays_of_their_own(setting: &Setting) {
    #[pasha::kernel]
    fn count(_worker_id: usize, _index: usize, _item: usize, #[per_worker] count: &mut u64) {
        *count += 1;
    }

    #[pasha::kernel]
    fn count_inside(
        _worker_id: usize,
        _index: usize,
        _item: usize,
        #[param] ctx: &Context,
        #[per_worker] outer: &mut u64,
        #[out] inner: &mut u64,
    ) -> Result<(), pasha::Error> {
        let mut counts = ctx.alloc::<u64>().shape(()).per_worker().build()?;
        ctx.map(count { count: &mut counts }, 0..ITEMS)?;
        *inner = counts.sum();
        *outer += 1;
        Ok(())
    }

    let ctx = setting.ctx();
    let mut outer = ctx.alloc::<u64>().shape(()).per_worker().build().unwrap();
    let mut inner = ctx.alloc::<u64>().shape(ITEMS).build().unwrap();
    ctx.map(count_inside { ctx, outer: &mut outer, inner: &mut inner }, 0..ITEMS).unwrap();
    assert_eq!(outer.sum(), ITEMS as u64);
    assert!(inner.iter().all(|inner| *inner == ITEMS as u64));
}

fn several_maps_run_at_once(setting: &Setting) {
    let ctx = setting.ctx();
    if setting.kind.is_elsewhere() {
        // From several threads it is refused; from one it cannot be.
        let refused = std::thread::scope(|scope| scope.spawn(|| sums(ctx)).join()).unwrap();
        assert_eq!(refused.unwrap_err().kind(), pasha::ErrorKind::Threads);
        return;
    }
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!(sums(ctx).unwrap(), SUMS);
                }
            });
        }
    });
}

fn a_kernel_replaces_the_default_context(setting: &Setting) {
    #[pasha::kernel]
    fn replace(_worker_id: usize, _index: usize, _item: usize, #[out] good: &mut u8) -> Result<(), pasha::Error> {
        let before = sums(&pasha::default_context()?)?;
        // Perhaps the last handle to the context that runs this, but for the caller's.
        pasha::set_default_context(Context::serial());
        *good = u8::from(before == SUMS && sums(&pasha::default_context()?)? == SUMS);
        Ok(())
    }

    pasha::set_default_context(setting.with_workers(setting.ctx().workers()));
    let mut good = pasha::alloc::<u8>().shape(ITEMS).build().unwrap();
    pasha::map(replace { good: &mut good }, 0..ITEMS).unwrap();
    assert!(good.iter().all(|good| *good == 1), "{good:?}");
    pasha::set_default_context(Context::serial());
}

fn a_kernel_lends_its_slots_to_threads_of_its_own(setting: &Setting) {
    #[pasha::kernel]
    fn lend(
        _worker_id: usize,
        index: usize,
        _item: usize,
        #[out] row: &mut [u64],
        #[per_worker] count: &mut u64,
        #[reduce(sum)] total: &mut u64,
    ) {
        std::thread::scope(|scope| {
            for (place, value) in row.iter_mut().enumerate() {
                scope.spawn(move || *value = (index + place) as u64);
            }
            scope.spawn(|| *count += 1);
            scope.spawn(|| *total += index as u64);
        });
    }

    let ctx = setting.ctx();
    let mut row = ctx.alloc::<u64>().shape((ITEMS, 3)).build().unwrap();
    let mut count = ctx.alloc::<u64>().shape(()).per_worker().build().unwrap();
    let mut total = ctx.alloc::<u64>().shape(()).build().unwrap();
    ctx.map(lend { row: &mut row, count: &mut count, total: &mut total }, 0..ITEMS).unwrap();
    assert!(row.indexed_iter().all(|((index, place), value)| *value == (index + place) as u64));
    assert_eq!((count.sum(), total[()]), (ITEMS as u64, (ITEMS * (ITEMS - 1) / 2) as u64));
}
