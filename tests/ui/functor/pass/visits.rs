//! What is asked of a functor inside another one: its visit where it stands alone, its items where it is walked with others.

use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use ndarray::{Array1, Array2};
use pasha::ErrorKind;
use pasha::functor::{Item, Items, check};
use pasha::prelude::*;

const ITEMS: usize = 6;

/// A functor that does better by the share, and notes what it was asked for.
#[derive(Default)]
struct Frames {
    /// Where they begin and end.
    shares: Mutex<Vec<(usize, usize)>>,
    items: AtomicUsize,
    fails_at: Option<usize>,
}

impl Frames {
    fn failing_at(index: usize) -> Self {
        Self { fails_at: Some(index), ..Self::default() }
    }

    fn asked(&self) -> (Vec<(usize, usize)>, usize) {
        (std::mem::take(&mut self.shares.lock().unwrap()), self.items.swap(0, Relaxed))
    }

    fn read(&self, index: usize) -> pasha::Result<usize> {
        match self.fails_at {
            Some(fails_at) if fails_at == index => Err(pasha::Error::functor("this frame is truncated")),
            _ => Ok(10 * index),
        }
    }
}

impl<'a> Items<'a> for Frames {
    type Item = &'a usize;
}

impl Functor for Frames {
    type State = usize;

    fn items(&self) -> pasha::Result<usize> {
        Ok(ITEMS)
    }

    fn state(&self) -> pasha::Result<usize> {
        Ok(0)
    }

    fn item<'a>(&'a self, buffer: &'a mut usize, index: usize) -> pasha::Result<Item<'a, Self>> {
        self.items.fetch_add(1, Relaxed);
        *buffer = self.read(index)?;
        Ok(buffer)
    }

    fn visit(
        &self,
        buffer: &mut usize,
        share: Range<usize>,
        mut each: impl for<'a> FnMut(Item<'a, Self>) -> ControlFlow<()>,
    ) -> pasha::Result<()> {
        self.shares.lock().unwrap().push((share.start, share.end));
        for index in share {
            *buffer = self.read(index)?;
            if each(buffer).is_break() {
                break;
            }
        }
        Ok(())
    }
}

#[derive(Functor)]
struct Newtype(Frames);

#[derive(Functor)]
struct Generic<F>(F, #[functor(skip)] &'static str);

#[derive(Functor)]
enum Either<F> {
    Frames(Frames),
    Other(F),
}

#[derive(Functor)]
struct Shots<'a> {
    frames: &'a Frames,
    ids: &'a Vec<u64>,
    gains: Array1<f64>,
    #[functor(axis = 1)]
    columns: &'a Array2<f64>,
    #[functor(broadcast)]
    offset: usize,
}

/// The items of a share, by its visit.
fn visit<F>(functor: &F, share: Range<usize>) -> pasha::Result<Vec<usize>>
where
    F: Functor + for<'a> Items<'a, Item = &'a usize> + ?Sized,
{
    let mut items = Vec::new();
    functor.visit(&mut functor.state()?, share, |item| {
        items.push(*item);
        ControlFlow::Continue(())
    })?;
    Ok(items)
}

#[test]
fn alone_it_is_visited() -> pasha::Result<()> {
    let newtype = Newtype(Frames::default());
    assert_eq!(visit(&newtype, 2..4)?, [20, 30]);
    assert_eq!(newtype.0.asked(), (vec![(2, 4)], 0));

    let generic = Generic(&newtype, "twice");
    assert_eq!(visit(&generic, 0..1)?, [0]);
    assert_eq!(newtype.0.asked(), (vec![(0, 1)], 0));
    assert_eq!(generic.1, "twice");

    let variant = Either::<&Frames>::Frames(Frames::default());
    assert_eq!(visit(&variant, 1..3)?, [10, 20]);
    if let Either::Frames(frames) = &variant {
        assert_eq!(frames.asked(), (vec![(1, 3)], 0));
    }
    let frames = Frames::default();
    assert_eq!(visit(&Either::Other(&frames), 1..3)?, [10, 20]);
    assert_eq!(frames.asked(), (vec![(1, 3)], 0));
    assert!(variant.visit(&mut Either::Other(&frames).state()?, 0..1, |_| ControlFlow::Continue(())).is_err());

    let shared = Arc::new(frames);
    assert_eq!(visit(&Box::new(Arc::clone(&shared)), 3..5)?, [30, 40]);
    assert_eq!(shared.asked(), (vec![(3, 5)], 0));
    Ok(())
}

#[test]
fn with_others_it_is_asked_for_its_items() -> pasha::Result<()> {
    #[pasha::kernel]
    fn of_zip(_worker_id: usize, _index: usize, frame: &usize, id: &u64, gain: &f64) -> f64 {
        *frame as f64 + *id as f64 * gain
    }

    #[pasha::kernel]
    fn of_shot(_worker_id: usize, _index: usize, shot: ShotsItem<'_>) -> f64 {
        (shot.frames + shot.offset) as f64 + *shot.ids as f64 * shot.gains * shot.columns[1]
    }

    let (frames, ids, gains) = (Frames::default(), vec![3; ITEMS], Array1::from_elem(ITEMS, 0.5));
    let columns = Array2::ones((2, ITEMS));
    let shots = Shots { frames: &frames, ids: &ids, gains: gains.clone(), columns: &columns, offset: 0 };
    let ctx = Context::serial();
    let expected: Vec<_> = (0..ITEMS).map(|index| 10.0 * index as f64 + 1.5).collect();
    assert_eq!(ctx.collect(of_zip {}, zip(&frames, &ids).and(&gains))?.to_vec(), expected);
    assert_eq!(frames.asked(), (vec![], ITEMS));
    assert_eq!(ctx.collect(of_shot {}, &shots)?.to_vec(), expected);
    assert_eq!(frames.asked(), (vec![], ITEMS));

    check(&zip(&frames, gains.slice(ndarray::s![..;-1])), |(frame, gain)| (*frame, gain.to_bits()));
    check(&shots, |shot| (*shot.frames, *shot.ids, shot.gains.to_bits(), shot.columns.len(), *shot.offset));
    Ok(())
}

#[test]
fn an_item_that_fails_is_named_and_no_later_one_is_asked_for() {
    #[pasha::kernel]
    fn pair(_worker_id: usize, _index: usize, _first: &usize, _second: &usize, #[out] done: &mut u8) {
        *done += 1;
    }

    #[derive(Functor)]
    struct Pair {
        first: Frames,
        second: Frames,
    }

    #[pasha::kernel]
    fn whole(_worker_id: usize, _index: usize, _pair: PairItem<'_>, #[out] done: &mut u8) {
        *done += 1;
    }

    let ctx = Context::serial();
    let mut done = ctx.alloc::<u8>().shape(ITEMS).build().unwrap();
    let pairs = Pair { first: Frames::failing_at(4), second: Frames::failing_at(2) };
    let error = ctx.map(whole { done: &mut done }, &pairs).unwrap_err();
    assert_eq!((error.kind(), error.index()), (ErrorKind::Functor, Some(2)));
    assert_eq!((pairs.first.asked().1, pairs.second.asked().1), (3, 3));
    assert_eq!(done.to_vec(), [1, 1, 0, 0, 0, 0]);

    let error = ctx.map(pair { done: &mut done }, zip(&pairs.second, &pairs.first)).unwrap_err();
    assert_eq!((error.kind(), error.index()), (ErrorKind::Functor, Some(2)));
    assert_eq!(
        (pairs.first.asked().1, pairs.second.asked().1),
        (2, 3),
        "the first part failed, the next was not asked"
    );
    assert_eq!(done.to_vec(), [2, 2, 0, 0, 0, 0]);

    let newtype = Newtype(Frames::failing_at(3));
    let mut count = 0;
    let outcome = newtype.visit(&mut 0, 0..ITEMS, |_| {
        count += 1;
        ControlFlow::Continue(())
    });
    assert!(outcome.is_err());
    assert_eq!(count, 3);
}

#[test]
fn boxes_are_what_is_in_them() -> pasha::Result<()> {
    #[pasha::kernel]
    fn double(_worker_id: usize, _index: usize, value: &u32) -> u32 {
        2 * value
    }

    let numbers: Box<[u32]> = Box::new([1, 2, 3]);
    let shared: Arc<[u32]> = Arc::from([1, 2, 3]);
    let arrays = Arc::new(Array2::from_shape_fn((3, 2), |(row, column)| 10 * row + column));
    for ctx in [Context::serial(), Context::threads().workers(2).build()?] {
        assert_eq!(ctx.collect(double {}, &numbers)?.to_vec(), [2, 4, 6]);
        assert_eq!(ctx.collect(double {}, numbers.clone())?.to_vec(), [2, 4, 6]);
        assert_eq!(ctx.collect(double {}, Arc::clone(&shared))?.to_vec(), [2, 4, 6]);
        assert_eq!(ctx.collect(double {}, Box::new(vec![1, 2, 3]))?.to_vec(), [2, 4, 6]);
    }
    check(&numbers, |number| *number);
    check(&chunks(Arc::clone(&shared), 2), <[u32]>::to_vec);
    check(&chunks(numbers, 2), <[u32]>::to_vec);
    check(&along(Arc::clone(&arrays), Axis(1)), |column| column.to_vec());
    check(&along(Box::new(arrays), Axis(1)), |column| column.to_vec());
    check(&zip(Arc::new(0..3), &shared), |(index, number)| (index, *number));
    Ok(())
}
