//! The buffer that a worker reads trains into.

use ndarray::{ArrayView, Dimension, Ix1};

use super::value::Value;
use crate::array::SharedArray;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};

/// A buffer of one worker, aligned for every [`Value`], on huge pages where it is large.
#[derive(Default)]
pub(super) struct Aligned(Option<SharedArray<u128, Ix1>>);

impl Aligned {
    /// The first so many bytes. Allocates only if there were never as many.
    pub(super) fn room(&mut self, bytes: usize) -> Result<&mut [u8]> {
        let blocks = bytes.div_ceil(size_of::<u128>());
        if self.0.as_ref().is_none_or(|buffer| buffer.len() < blocks) {
            self.0 = None;
            self.0 = Some(Context::serial().alloc().shape(blocks).build()?);
        }
        let blocks = self.0.as_mut().and_then(|buffer| buffer.view_mut().into_slice()).unwrap_or_default();
        Ok(&mut bytemuck::cast_slice_mut(blocks)[..bytes])
    }

    pub(super) fn get(&self, bytes: usize) -> &[u8] {
        let blocks = self.0.as_ref().and_then(|buffer| buffer.as_slice()).unwrap_or_default();
        &bytemuck::cast_slice(blocks)[..bytes]
    }
}

/// Bytes as an array in C order.
pub(super) fn view<T: Value, D: Dimension>(bytes: &[u8], dim: D) -> Result<ArrayView<'_, T, D>> {
    let values = bytemuck::try_cast_slice(bytes).unwrap_or_default();
    ArrayView::from_shape(dim, values).map_err(|error| Error::new(ErrorKind::Shape, error.to_string()))
}
