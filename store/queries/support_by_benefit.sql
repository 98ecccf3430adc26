-- How large is support in money, by benefit and tier: how many offers, median, highest?
select
    f.benefit, f.tier, f.per, count(*) as offers, count(distinct f.in_district) as districts,
    median(coalesce(f.value_max, f.value)) as median_amount,
    max(coalesce(f.value_max, f.value)) as highest_amount
from figures f
where f.role = 'support'
    and f.repeats is null
    and f.unit = 'CNY'
    and ($district::varchar is null or lies_in(f.in_district, $district::varchar))
group by f.benefit, f.tier, f.per
order by offers desc, f.benefit nulls last, f.tier nulls last, f.per nulls last
