-- Which organizations and people are named most?
select
    n.text as name, n.label, count(*) as articles,
    max(coalesce(a.published, a.first_seen)) as latest_day,
    arg_max(n.title, (coalesce(a.published, a.first_seen), n.fact_id))
        filter (n.title is not null) as latest_title,
    arg_max(a.url, (coalesce(a.published, a.first_seen), n.fact_id)) as latest_url
from names n
join articles a on a.id = n.article_id
where ($label::varchar is null or n.label = upper($label::varchar))
    and ($district::varchar is null or lies_in(a.district, $district::varchar))
group by n.text, n.label
order by articles desc, name, n.label
