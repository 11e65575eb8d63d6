/// One item of `Zipped`.
#[allow(dead_code, missing_debug_implementations)]
struct Pair<'item>(
    /// The item of `0`.
    pub crate::psh::__private::Item<'item, Vec<u64>>,
    /// The item of `2`.
    pub crate::psh::__private::Item<'item, &'item [f64]>,
);
const _: () = {
    use crate::psh::__private as __p;
    #[automatically_derived]
    impl<'__item, 'a> __p::Items<'__item> for Zipped<'a> {
        type Item = Pair<'__item>;
    }
    #[automatically_derived]
    impl<'a> __p::Functor for Zipped<'a> {
        type State = (
            <Vec<u64> as __p::Functor>::State,
            <&'a [f64] as __p::Functor>::State,
        );
        fn items(&self) -> __p::Result<usize> {
            __p::agree(
                &[
                    ("0", __p::Functor::items(&self.0)?),
                    ("2", __p::Functor::items(&self.2)?),
                ],
            )
        }
        fn state(&self) -> __p::Result<Self::State> {
            ::core::result::Result::Ok((
                __p::Functor::state(&self.0)?,
                __p::Functor::state(&self.2)?,
            ))
        }
        #[inline]
        fn item<'__a>(
            &'__a self,
            __state: &'__a mut Self::State,
            __index: usize,
        ) -> __p::Result<__p::Item<'__a, Self>> {
            ::core::result::Result::Ok(Pair {
                0: __p::Functor::item(&self.0, &mut __state.0, __index)?,
                1: __p::Functor::item(&self.2, &mut __state.1, __index)?,
            })
        }
        #[inline]
        fn visit(
            &self,
            __state: &mut Self::State,
            __share: ::core::ops::Range<usize>,
            mut __each: impl for<'__a> ::core::ops::FnMut(
                __p::Item<'__a, Self>,
            ) -> ::core::ops::ControlFlow<()>,
        ) -> __p::Result<()> {
            let __fields = (&self.0, &self.2);
            for __index in __share {
                if __each(Pair {
                        0: __p::Functor::item(&__fields.0, &mut __state.0, __index)?,
                        1: __p::Functor::item(&__fields.1, &mut __state.1, __index)?,
                    })
                    .is_break()
                {
                    break;
                }
            }
            ::core::result::Result::Ok(())
        }
        fn pack(
            &self,
            __parcel: &mut __p::Parcel<'_>,
        ) -> ::core::option::Option<__p::Packed<Self>> {
            match self {
                Self { 0: __0, 1: __1, 2: __2 } => {
                    let __sent = __p::Derived::of(self)
                        .pack(
                            __parcel,
                            (
                                __p::Part(__0),
                                (
                                    __p::Rest("1", __p::Way::of(__1).find(), __1),
                                    (__p::Part(__2), ()),
                                ),
                            ),
                        )?;
                    unsafe {
                        __parcel
                            .build(
                                __sent,
                                |(__0, (__1, (__2, ())))| Self { 0: __0, 1: __1, 2: __2 },
                            )
                    }
                }
            }
        }
        fn pack_boxed(
            &self,
            __parcel: &mut __p::Parcel<'_>,
        ) -> ::core::option::Option<__p::Packed<::std::boxed::Box<Self>>> {
            __p::boxed(self, __parcel)
        }
    }
};
