@tags approx=1e-14
@let T i8 u64 f32 f64 d92 n nf k
@let Q 0 0.1 0.25 0.5 0.75 0.9 0.95 0.99 1
SELECT quantile({Q})({T}) AS r FROM small
SELECT quantileExact({Q})({T}) AS r FROM small
SELECT quantileTiming({Q})(u32) AS r FROM small
SELECT quantileTiming({Q})({T}) AS r FROM small WHERE {T} >= 0 ;; maybe
@let F quantile quantileExact quantileTiming median medianExact quantileTDigest quantileExactLow quantileExactHigh quantileExactInclusive quantileExactExclusive quantileInterpolatedWeighted
SELECT g, {F}(u32) AS r FROM small GROUP BY g ORDER BY g ;; ordered maybe
SELECT {F}({T}) AS r FROM small WHERE {T} >= 0 ;; maybe
SELECT {F}(f) AS r FROM empty_t ;; maybe
SELECT {F}(n) AS r FROM empty_t ;; maybe
SELECT toTypeName({F}({T})) AS r FROM small ;; maybe
SELECT quantiles(0.25, 0.5, 0.75)({T}) AS r FROM small
SELECT quantilesExact(0.25, 0.5, 0.75)({T}) AS r FROM small
SELECT quantile(number) FROM numbers(1000)
SELECT quantile(0.9)(number) FROM numbers(1000)
SELECT quantileTiming(0.95)(number) FROM numbers(1000) ;; approx=0.01
SELECT quantileTiming(0.5)(number * 100) FROM numbers(1000) ;; approx=0.05
SELECT quantile(t), quantile(0.9)(d) FROM small
SELECT median(t), toTypeName(median(d)) FROM small
SELECT quantileExact(0.5)(t), quantileExact(0.5)(d) FROM small
SELECT quantileExactWeighted(0.5)(k, u8) FROM small
SELECT quantile(2)(k) FROM small ;; error
SELECT quantileDeterministic(0.5)(k, id) FROM small
# Between two decimals, dates and times the last bit decides.
SELECT quantile(0.9)(x - 1), quantile(0.9)(x), quantile(0.1)(-x), quantile(0.3)(x * 3), quantiles(0.1, 0.7)(x - 2) FROM (SELECT toDecimal64(arrayJoin([0, 0.5]), 4) AS x)
SELECT quantile(0.1)(-x), quantile(0.2)(x), quantile(0.3)(x), quantile(0.6)(x), quantile(0.9)(-x), median(x) FROM (SELECT toDecimal32(arrayJoin([0, 0.5, 0.99, 1.07]), 2) AS x)
SELECT g, quantile(0.9)(d92), quantile(0.1)(d184), quantile(0.7)(nd), quantiles(0.1, 0.5, 0.99)(d92), quantile(0.3)(t), quantile(0.3)(d) FROM small GROUP BY g
