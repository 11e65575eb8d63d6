//! The functors held against the contract: which items they give, and what they refuse.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use ndarray::{Array, Array1, Array2, Array3, ArrayD, ArrayRef, Axis, CowArray, Dimension, Ix2, ShapeBuilder, arr0, s};

use super::check::check;
use super::*;
use crate::error::{ErrorKind, Result};

const LENGTHS: [usize; 6] = [0, 1, 2, 3, 9, 40];

fn numbers(items: usize) -> Vec<u32> {
    (0..items as u32).map(|number| 10 * number).collect()
}

fn counted<D: Dimension>(shape: impl ShapeBuilder<Dim = D>) -> Array<u32, D> {
    let mut next = 0..;
    Array::from_shape_simple_fn(shape, || next.next().unwrap())
}

/// The items of a functor in order, by a visit of all of them.
fn gather<F: Functor + ?Sized, K>(functor: &F, key: impl for<'a> Fn(Item<'a, F>) -> K) -> Result<Vec<K>> {
    let mut keys = Vec::new();
    functor.visit(&mut functor.state()?, 0..functor.items()?, |item| {
        keys.push(key(item));
        ControlFlow::Continue(())
    })?;
    Ok(keys)
}

fn refusal(answer: Result<usize>) -> (ErrorKind, String) {
    let error = answer.unwrap_err();
    (error.kind(), error.to_string())
}

mod contract {
    use super::*;

    #[test]
    fn slices_vectors_and_arrays() {
        for items in LENGTHS {
            check(numbers(items).as_slice(), |&number| number);
            check(&numbers(items), |&number| number);
        }
        check(&[0.5, 1.5, 2.5], |number: &f64| number.to_bits());
        check(&[String::from("a"), String::from("b")], |text| text.clone());
    }

    #[test]
    fn references_to_references() {
        check(&&&numbers(3), |&number| number);
        check(&along(&&counted((2, 3, 4)), Axis(1)), |view| view.to_owned());
        check(&chunks(&&&numbers(3), 2), |numbers| numbers.to_vec());
    }

    #[test]
    fn boxes_of_any_size() {
        check(&Box::new(numbers(3)), |&number| number);
        check(&Box::<[u32]>::from(numbers(3)), |&number| number);
        check(&Arc::<[u32]>::from(numbers(3)), |&number| number);
        check(&Arc::new(Box::new(0..3)), |number| number);
        check(&chunks(Arc::new(numbers(3)), 2), |numbers| numbers.to_vec());
        check(&along(Box::new(counted((2, 3))), Axis(1)), |view| view.to_owned());
    }

    #[test]
    fn integer_ranges() {
        for items in LENGTHS {
            check(&(0..items), |index| index);
            check(&(7..7 + items as i16), |number| number);
        }
        check(&(0..=4_u8), |number| number);
        check(&(i8::MIN..=i8::MAX), |number| number);
        check(&(u64::MAX - 3..u64::MAX), |number| number);
        check(&(i128::MAX - 3..=i128::MAX), |number| number);
    }

    #[test]
    fn arrays_of_any_dimension() {
        for items in LENGTHS {
            check(&counted(items), |&value| value);
            check(&counted((items, 3)), |view| view.to_owned());
            check(&counted((items, 0)), |view| view.to_owned());
        }
        check(&counted((3, 2, 2)), |view| view.to_owned());
        check(&counted((3, 2, 2, 1)), |view| view.to_owned());
        check(&counted((3, 2, 2, 1, 2)), |view| view.to_owned());
        check(&counted((3, 2, 2, 1, 2, 1)), |view| view.to_owned());
        check(&counted((3, 2, 2)).into_dyn(), |view| view.to_owned());
        check(&counted(3).into_dyn(), |view| view.to_owned());
    }

    #[test]
    fn arrays_of_any_layout() {
        check(&counted((4, 3).f()), |view| view.to_owned());
        check(&counted((4, 3)).t(), |view| view.to_owned());
        check(&counted((4, 3)).column(1), |&value| value);
        check(&counted((8, 3)).slice(s![1..;3, ..;-1]), |view| view.to_owned());
        check(&counted(8).slice(s![..;-1]), |&value| value);
        check(&arr0(1).broadcast(5).unwrap(), |&value| value);
    }

    #[test]
    fn arrays_of_any_ownership() {
        let mut array = counted((4, 3));
        check(&CowArray::from(array.view()), |view| view.to_owned());
        check(&array.to_shared(), |view| view.to_owned());
        check(&array.view(), |view| view.to_owned());
        check::<ArrayRef<u32, Ix2>, _>(&array, |view| view.to_owned());
        check(&array.view_mut(), |view| view.to_owned());
    }

    #[test]
    fn every_axis() {
        let array = counted((2, 3, 4));
        for axis in 0..3 {
            check(&along(&array, Axis(axis)), |view| view.to_owned());
            check(&along(array.view().into_dyn(), Axis(axis)), |view| view.to_owned());
        }
        check(&along(counted(5), Axis(0)), |&value| value);
    }

    #[test]
    fn zips() {
        for items in LENGTHS {
            check(&zip(numbers(items), 0..items), |(&number, index)| (number, index));
        }
        let array = counted((3, 2));
        let two = zip(&array, numbers(3));
        check(&two.and(0..3_u8).and([1, 2, 3]).and(&array).and(array.view()), |(a, &b, c, &d, e, f)| {
            (a.to_owned(), b, c, d, e.to_owned(), f.to_owned())
        });
        check(&zip(zip(0..3, 1..4), chunks(0..6, 2)), |item| item);
    }

    #[test]
    fn chunks_of_any_length() {
        let array = counted((7, 2));
        for rows in [1, 2, 3, 7, 8, usize::MAX] {
            check(&chunks(numbers(7), rows), |numbers| numbers.to_vec());
            check(&chunks(&numbers(7)[..], rows), |numbers| numbers.to_vec());
            check(&chunks([1, 2, 3], rows), |numbers| numbers.to_vec());
            check(&chunks(-3..4_i8, rows), |numbers| numbers);
            check(&chunks(&array, rows), |view| view.to_owned());
            check(&chunks(array.t().into_dyn(), rows), |view| view.to_owned());
            check(&chunks(Array1::<u8>::zeros(0), rows), |view| view.to_owned());
        }
    }
}

mod items {
    use super::*;

    #[test]
    fn along_an_axis_the_others_keep_their_order() {
        let array = counted((2, 3, 4));
        let shapes = |axis| gather(&along(&array, Axis(axis)), |view| view.shape().to_vec()).unwrap();
        assert_eq!(shapes(0), vec![[3, 4]; 2]);
        assert_eq!(shapes(1), vec![[2, 4]; 3]);
        assert_eq!(shapes(2), vec![[2, 3]; 4]);
        let last = gather(&along(&array, Axis(1)), |view| view[[1, 3]]).unwrap();
        assert_eq!(last, [15, 19, 23]);
    }

    #[test]
    fn the_last_chunk_is_shorter() {
        let lengths = gather(&chunks(numbers(7), 3), |numbers| numbers.len()).unwrap();
        assert_eq!(lengths, [3, 3, 1]);
        let shapes = gather(&chunks(Array2::<u8>::zeros((4, 2)), 3), |view| view.dim()).unwrap();
        assert_eq!(shapes, [(3, 2), (1, 2)]);
        assert_eq!(gather(&chunks(10..15, 2), |range| range).unwrap(), [10..12, 12..14, 14..15]);
    }

    #[test]
    fn ranges_count_over_the_whole_type() {
        assert_eq!(gather(&(-100..100_i8), i16::from).unwrap(), (-100..100_i16).collect::<Vec<_>>());
        assert_eq!((0..=u16::MAX).items().unwrap(), 65_536);
        let mut exhausted = 0..=3;
        exhausted.by_ref().for_each(drop);
        assert_eq!(exhausted.items().unwrap(), 0);
    }

    #[test]
    #[expect(clippy::reversed_empty_ranges, reason = "the subject of the test")]
    fn ranges_that_do_not_ascend_are_empty() {
        assert_eq!((5..3).items().unwrap(), 0);
        assert_eq!((5..=3).items().unwrap(), 0);
    }

    #[test]
    fn one_kernel_for_items_of_any_source() {
        fn sum<F: Functor + for<'a> Items<'a, Item = &'a u32>>(functor: F) -> u32 {
            gather(&functor, |&number| number).unwrap().iter().sum()
        }
        assert_eq!(sum([1, 2, 3]), sum(Array1::from(vec![1, 2, 3])));
    }
}

mod refusals {
    use super::*;

    fn check_bounds<F: Functor + ?Sized>(functor: &F) {
        let (mut state, items) = (functor.state().unwrap(), functor.items().unwrap());
        assert!(functor.item(&mut state, items).is_err());
        assert!(functor.item(&mut state, usize::MAX).is_err());
        assert!(functor.visit(&mut state, items..items + 1, |_| ControlFlow::Continue(())).is_err());
        assert!(functor.visit(&mut state, 0..usize::MAX, |_| ControlFlow::Continue(())).is_err());
    }

    #[test]
    fn what_is_out_of_bounds_is_an_error() {
        check_bounds(&numbers(3));
        check_bounds(&[1, 2, 3]);
        check_bounds(&(4..7));
        check_bounds(&(4..=7));
        check_bounds(&counted(3));
        check_bounds(&counted((8, 2)).column(1));
        check_bounds(&counted((3, 2)));
        check_bounds(&counted((3, 2)).into_dyn());
        check_bounds(&along(counted((3, 2)), Axis(1)));
        check_bounds(&zip(0..3, 0..3));
        check_bounds(&chunks(0..3, 2));
        check_bounds(&chunks(numbers(3), usize::MAX));
    }

    #[test]
    fn rows_out_of_bounds_are_an_error() {
        fn check_rows<F: Rows>(source: F) {
            let rows = source.row_count().unwrap();
            assert!(source.chunk(0..rows).is_ok());
            assert!(source.chunk(rows..rows).is_ok());
            assert!(source.chunk(0..rows + 1).is_err());
            assert!(source.chunk(Range { start: 2, end: 1 }).is_err());
        }
        check_rows(numbers(3));
        check_rows(4..7);
        check_rows(counted((3, 2)));
    }

    #[test]
    fn a_missing_axis() {
        let array = Array3::<u8>::zeros((2, 3, 4));
        let (kind, message) = refusal(along(&array, Axis(3)).items());
        assert_eq!(kind, ErrorKind::Shape);
        assert_eq!(message, "there is no axis 3 in an array of 3 dimensions: give one from 0 to 2");
        assert!(array.item_along(3, 0).is_err());
        assert!(AxisFunctor::visit_along(&array, 3, 0..1, |_| ControlFlow::Continue(())).is_err());
    }

    #[test]
    fn an_array_of_no_dimensions() {
        let (kind, message) = refusal(ArrayD::<u8>::zeros(vec![]).items());
        assert_eq!(kind, ErrorKind::Shape);
        assert!(message.starts_with("an array of no dimensions has one value and no items: "), "{message}");
        assert!(chunks(ArrayD::<u8>::zeros(vec![]), 1).items().is_err());
    }

    #[test]
    fn lengths_that_differ() {
        let (kind, message) = refusal(zip(0..3, numbers(3)).and([1]).items());
        assert_eq!(kind, ErrorKind::Shape);
        assert!(message.starts_with("part 0 of the zip has 3 items, but part 2 has 1: "), "{message}");

        let (kind, message) = refusal(agree(&[("id", 1), ("time", 1), ("pixels", 2)]));
        assert_eq!(kind, ErrorKind::Shape);
        assert!(message.starts_with("`id` has 1 item, but `pixels` has 2: "), "{message}");
        assert_eq!(refusal(agree(&[])).0, ErrorKind::Shape);
    }

    #[test]
    fn chunks_of_no_rows() {
        assert_eq!(refusal(chunks(0..3, 0).items()).0, ErrorKind::Argument);
        assert!(chunks(0..3, 0).item(&mut (), 0).is_err());
    }

    #[test]
    fn ranges_longer_than_can_be_counted() {
        assert_eq!(refusal((0..=usize::MAX).items()).0, ErrorKind::Shape);
        assert_eq!(refusal((0..u128::MAX).items()).0, ErrorKind::Shape);
        assert_eq!(refusal((i128::MIN..=i128::MAX).items()).0, ErrorKind::Shape);
    }
}
