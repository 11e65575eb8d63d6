//! Reading and writing single elements, and walking all of them.

use std::ops::{Index, IndexMut};

use ndarray::{ArrayView, Dimension, NdIndex, iter};

use super::{Element, SharedArray};

impl<T: Element, D: Dimension, I: NdIndex<D>> Index<I> for SharedArray<T, D> {
    type Output = T;

    #[inline]
    fn index(&self, index: I) -> &T {
        &self.view[index]
    }
}

impl<T: Element, D: Dimension, I: NdIndex<D>> IndexMut<I> for SharedArray<T, D> {
    #[inline]
    fn index_mut(&mut self, index: I) -> &mut T {
        &mut self.view[index]
    }
}

impl<'a, T: Element, D: Dimension> IntoIterator for &'a SharedArray<T, D> {
    type Item = &'a T;
    type IntoIter = iter::Iter<'a, T, D>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T: Element, D: Dimension> IntoIterator for &'a mut SharedArray<T, D> {
    type Item = &'a mut T;
    type IntoIter = iter::IterMut<'a, T, D>;

    fn into_iter(self) -> Self::IntoIter {
        self.view_mut().into_iter()
    }
}

impl<'a, T: Element, D: Dimension> From<&'a SharedArray<T, D>> for ArrayView<'a, T, D> {
    fn from(array: &'a SharedArray<T, D>) -> Self {
        array.view()
    }
}
