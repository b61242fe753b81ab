from tests.crm.conftest import make_user, rep  # noqa: F401
from tests.mailing.servers import running_sink, sink  # noqa: F401
