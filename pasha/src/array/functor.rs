//! A shared array as a functor: what it derefs to is one.

use ndarray::ArrayRef;

use super::{Element, SharedArray};
use crate::functor::{AxisItem, forward};

forward!(Functor for [T: Element, D: AxisItem] SharedArray<T, D> as ArrayRef<T, D>);
forward!(AxisFunctor for [T: Element, D: AxisItem] SharedArray<T, D> as ArrayRef<T, D>);
forward!(Rows for [T: Element, D: AxisItem] SharedArray<T, D> as ArrayRef<T, D>);
