-- What could not be fetched, read or stored, and why?
select stage, kind, subject, message, since
from failures
where $stage::varchar is null or stage = $stage::varchar
order by stage, kind, subject
