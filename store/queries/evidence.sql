-- Which article proves a fact, in which words?
select
    f.fact_id, a.id as article_id, a.title, a.url, a.grade, f.quote,
    substr(a.text, greatest(f."start" + 1 - 40, 1), f."end" - f."start" + 80) as context
from figures f
join articles a on a.id = f.article_id
where $fact::varchar is null or f.fact_id = $fact::varchar
order by f.fact_id
