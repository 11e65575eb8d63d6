#[allow(
    clippy::too_many_arguments,
    clippy::needless_pass_by_value,
    clippy::ptr_arg,
    clippy::trivially_copy_pass_by_ref
)]
fn take_apart<'a, 'b>(
    _worker_id: usize,
    _index: usize,
    (x, &y): (u32, &u32),
    mut sum: &mut u32,
    name: &'a Name<'b, '_>,
) {}
/// The kernel `take_apart` with what it works on: built as a literal, then mapped.
#[allow(missing_debug_implementations, non_camel_case_types, clippy::type_complexity)]
#[must_use = "a bound kernel does nothing until it is mapped"]
struct take_apart<'__k> {
    /// Where `sum` is written: a slot for each item.
    pub sum: &'__k mut ::pasha::__private::SharedArray<u32, ::pasha::__private::Ix1>,
}
#[allow(single_use_lifetimes)]
const _: () = {
    use ::pasha::__private as __p;
    #[allow(dead_code, non_snake_case)]
    impl<'__k> take_apart<'__k> {
        /// Starts an array to bind to `sum`, which says its element type and rank.
        fn alloc_sum(
            ctx: &__p::Context,
            shape: impl __p::Shape<Dim = __p::Ix1>,
        ) -> __p::Builder<u32, __p::Ix1> {
            ctx.alloc().shape(shape)
        }
    }
    impl<'__k> __p::Kernel for take_apart<'__k> {
        type Binds = (__p::Out<'__k, &'__k mut u32>, ());
        fn bind(self) -> Self::Binds {
            (__p::Out::new(self.sum, "sum", 0usize), ())
        }
    }
    impl<'a, 'b, '__k, '__i0, '__i1> __p::Takes<((u32, &'__i0 u32), &'a Name<'b, '__i1>)>
    for take_apart<'__k> {
        type Output = __p::Plain<()>;
        #[inline]
        fn call(
            __worker: usize,
            __index: usize,
            (__item0, __item1): ((u32, &'__i0 u32), &'a Name<'b, '__i1>),
            __p::Slots((sum, ())): __p::Slots<'_, Self::Binds>,
        ) -> Self::Output {
            __p::Plain(take_apart(__worker, __index, __item0, sum, __item1))
        }
    }
};
