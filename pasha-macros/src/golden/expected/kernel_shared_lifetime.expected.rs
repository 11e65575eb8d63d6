#[allow(clippy::too_many_arguments, clippy::trivially_copy_pass_by_ref)]
fn longer<'a>(
    _worker_id: usize,
    _index: usize,
    left: &'a str,
    right: &'a str,
    least: &'a str,
) -> u64 {
    0
}
/// The kernel `longer` with what it works on: built as a literal, then mapped.
#[allow(missing_debug_implementations, non_camel_case_types, clippy::type_complexity)]
#[must_use = "a bound kernel does nothing until it is mapped"]
struct longer<'a> {
    /// The `least` that every call is given.
    pub least: &'a str,
}
#[allow(single_use_lifetimes)]
const _: () = {
    use ::pasha::__private as __p;
    impl<'a> __p::Kernel for longer<'a> {
        type Binds = (__p::Param<&'a str>, ());
        fn bind(self) -> Self::Binds {
            (__p::Way::of(&self.least).find().param(self.least), ())
        }
    }
    impl<'a, '__i0> __p::Takes<(&'__i0 str, &'__i0 str)> for longer<'a> {
        type Output = __p::Plain<u64>;
        #[inline]
        fn call(
            __worker: usize,
            __index: usize,
            (__item0, __item1): (&'__i0 str, &'__i0 str),
            __p::Slots((least, ())): __p::Slots<'_, Self::Binds>,
        ) -> Self::Output {
            __p::Plain(longer(__worker, __index, __item0, __item1, least))
        }
    }
};
