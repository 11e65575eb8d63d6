//! Element types: what may lie in shared memory.

/// A type that can be an element of a [`SharedArray`](crate::SharedArray): plain data, for which any bytes are a value.
///
/// Every type that is [`bytemuck::Pod`], `Send` and `Sync` is one: the numbers, arrays of them, and structs that derive it:
///
/// ```
/// #[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
/// #[repr(C)]
/// struct Peak {
///     position: f64,
///     height: f64,
/// }
///
/// fn is_element<T: pasha::Element>() {}
/// is_element::<Peak>();
/// is_element::<[f32; 3]>();
/// ```
///
/// `bool`, `char`, enums, references and everything that owns memory are not: a worker that dies half way through a write may leave any bytes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an element of a shared array",
    label = "not plain data (`bytemuck::Pod`)",
    note = "numbers and arrays of numbers are; for `bool` use `u8`",
    note = "a struct of numbers becomes one by `#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)] #[repr(C)]`"
)]
pub trait Element: bytemuck::Pod + Send + Sync {}

#[diagnostic::do_not_recommend]
impl<T: bytemuck::Pod + Send + Sync> Element for T {}
