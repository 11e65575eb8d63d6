//! Printing, comparing, and leaving shared memory for an array of one's own.

use std::fmt;

use ndarray::{Array, ArrayBase, Data, Dimension};

use super::{Element, SharedArray};

impl<T: Element, D: Dimension> SharedArray<T, D> {
    /// Copies the values into an array of `ndarray` that owns its memory, in the same order.
    pub fn into_owned(self) -> Array<T, D> {
        self.to_owned()
    }
}

impl<T: Element, D: Dimension> From<SharedArray<T, D>> for Array<T, D> {
    fn from(array: SharedArray<T, D>) -> Self {
        array.into_owned()
    }
}

impl<T: Element + fmt::Debug, D: Dimension> fmt::Debug for SharedArray<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.view, f)
    }
}

impl<T: Element + fmt::Display, D: Dimension> fmt::Display for SharedArray<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.view, f)
    }
}

impl<T: Element + PartialEq, D: Dimension> PartialEq for SharedArray<T, D> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Element + Eq, D: Dimension> Eq for SharedArray<T, D> {}

impl<T: Element + PartialEq, S: Data<Elem = T>, D: Dimension> PartialEq<ArrayBase<S, D>> for SharedArray<T, D> {
    fn eq(&self, other: &ArrayBase<S, D>) -> bool {
        **self == **other
    }
}

impl<T: Element + PartialEq, S: Data<Elem = T>, D: Dimension> PartialEq<SharedArray<T, D>> for ArrayBase<S, D> {
    fn eq(&self, other: &SharedArray<T, D>) -> bool {
        **self == **other
    }
}
